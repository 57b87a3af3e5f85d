import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlStatistics } from './sql-statistics.ts'

export const statisticsModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Statistics).toResolvedValue(construct(SqlStatistics), [tokens.Database, tokens.Access]).inSingletonScope()
})

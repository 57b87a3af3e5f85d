import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlContingents } from './sql-contingents.ts'

export const contingentsModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Contingents)
    .toResolvedValue(construct(SqlContingents), [tokens.Database, tokens.Access, tokens.Events, tokens.Time])
    .inSingletonScope()
})

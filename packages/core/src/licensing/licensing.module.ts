import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlLicensing } from './sql-licensing.ts'

export const licensingModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Licensing)
    .toResolvedValue(construct(SqlLicensing), [tokens.Database, tokens.Access, tokens.Events, tokens.Time, tokens.Options])
    .inSingletonScope()
})

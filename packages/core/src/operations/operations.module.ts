import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlOperations } from './sql-operations.ts'

export const operationsModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Workers)
    .toResolvedValue(construct(SqlOperations), [
      tokens.Database,
      tokens.Access,
      tokens.EventReader,
      tokens.Time,
      tokens.Ids,
      tokens.Options,
      tokens.Log,
      tokens.Telemetry,
    ])
    .inSingletonScope()
  bind(tokens.Operations).toService(tokens.Workers)
})

import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlCallbacks } from './sql-callbacks.ts'

export const callbacksModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Callbacks)
    .toResolvedValue(construct(SqlCallbacks), [tokens.Database, tokens.Access, tokens.Events, tokens.Keyring, tokens.Time])
    .inSingletonScope()
})

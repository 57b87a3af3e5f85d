import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { CallbackFeed } from './callback-feed.ts'
import { CallbackSender } from './callback-sender.ts'
import { SqlCallbacks } from './sql-callbacks.ts'

export const callbacksModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Callbacks)
    .toResolvedValue(construct(SqlCallbacks), [tokens.Database, tokens.Access, tokens.Events, tokens.Keyring, tokens.Time])
    .inSingletonScope()
  bind(tokens.CallbackFeed).toResolvedValue(construct(CallbackFeed), [tokens.Database, tokens.Callbacks]).inSingletonScope()
  bind(tokens.CallbackSender)
    .toResolvedValue(construct(CallbackSender), [tokens.Database, tokens.Keyring, tokens.Time, tokens.Options, tokens.Log])
    .inSingletonScope()
})

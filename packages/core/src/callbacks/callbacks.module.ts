import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { CallbackFeed } from './callback-feed.ts'
import { CallbackSender } from './callback-sender.ts'
import { Receivers } from './receivers.ts'
import { SqlCallbacks } from './sql-callbacks.ts'

export const callbacksModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Receivers)
    .toResolvedValue(({ receivers }) => new Receivers(receivers), [tokens.Options])
    .inSingletonScope()
  bind(tokens.Callbacks)
    .toResolvedValue(
      (database, access, events, keyring, clock, receivers) =>
        new SqlCallbacks({ database, access, events, keyring, clock, receivers }),
      [tokens.Database, tokens.Access, tokens.Events, tokens.Keyring, tokens.Time, tokens.Receivers],
    )
    .inSingletonScope()
  bind(tokens.CallbackFeed).toResolvedValue(construct(CallbackFeed), [tokens.Database, tokens.Callbacks]).inSingletonScope()
  bind(tokens.CallbackSender)
    .toResolvedValue(
      (database, keyring, clock, events, receivers, random, log, { onError }) =>
        new CallbackSender({ database, keyring, clock, events, receivers, random, log }, { onError }),
      [
        tokens.Database,
        tokens.Keyring,
        tokens.Time,
        tokens.Events,
        tokens.Receivers,
        tokens.Random,
        tokens.Log,
        tokens.Options,
      ],
    )
    .inSingletonScope()
})

import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlEvents } from './sql-events.ts'

export const eventsModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.EventReader)
    .toResolvedValue(construct(SqlEvents), [
      tokens.Database,
      tokens.Access,
      tokens.Time,
      tokens.Ids,
      tokens.Options,
      tokens.Log,
    ])
    .inSingletonScope()
  bind(tokens.Events).toService(tokens.EventReader)
})

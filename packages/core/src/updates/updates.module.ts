import { ContainerModule } from 'inversify'
import * as tokens from '../composition/tokens.ts'
import { SqlUpdates } from './sql-updates.ts'

export const updatesModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Updates)
    .toResolvedValue(
      (database, access, events, clock, { updates }) => new SqlUpdates(database, access, events, clock, updates),
      [tokens.Database, tokens.Access, tokens.Events, tokens.Time, tokens.Options],
    )
    .inSingletonScope()
})

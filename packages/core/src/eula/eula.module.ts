import { ContainerModule } from 'inversify'
import * as tokens from '../composition/tokens.ts'
import { SqlEula } from './sql-eula.ts'

export const eulaModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Eula)
    .toResolvedValue(
      (database, access, events, clock, { eula }) => new SqlEula(database, access, events, clock, eula),
      [tokens.Database, tokens.Access, tokens.Events, tokens.Time, tokens.Options],
    )
    .inSingletonScope()
})

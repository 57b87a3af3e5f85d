import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { Logins } from './logins.ts'
import { ScryptPasswords } from './passwords.ts'
import { RoleAccess } from './role-access.ts'
import { SqlGroups } from './sql-groups.ts'
import { SqlTokens } from './sql-tokens.ts'
import { SqlUsers } from './sql-users.ts'

export const accessModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Access).toResolvedValue(construct(RoleAccess), []).inSingletonScope()
  bind(tokens.Users)
    .toResolvedValue(
      (database, access, events, clock, logins) =>
        new SqlUsers(database, access, events, clock, new ScryptPasswords(), logins),
      [tokens.Database, tokens.Access, tokens.Events, tokens.Time, tokens.Logins],
    )
    .inSingletonScope()
  bind(tokens.Logins)
    .toResolvedValue(
      (database, events, clock) => new Logins(database, events, clock, new ScryptPasswords()),
      [tokens.Database, tokens.Events, tokens.Time],
    )
    .inSingletonScope()
  bind(tokens.Tokens)
    .toResolvedValue(construct(SqlTokens), [
      tokens.Database,
      tokens.Access,
      tokens.Events,
      tokens.Time,
      tokens.Users,
      tokens.Logins,
      tokens.Options,
    ])
    .inSingletonScope()
  bind(tokens.Groups)
    .toResolvedValue(construct(SqlGroups), [tokens.Database, tokens.Access, tokens.Events, tokens.Time])
    .inSingletonScope()
})

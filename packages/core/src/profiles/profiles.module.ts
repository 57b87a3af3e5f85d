import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlProfiles } from './sql-profiles.ts'

export const profilesModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Profiles)
    .toResolvedValue(construct(SqlProfiles), [tokens.Database, tokens.Access, tokens.Events, tokens.Catalog])
    .inSingletonScope()
})

import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlAddresses } from './sql-addresses.ts'
import { SqlNetworks } from './sql-networks.ts'

export const networksModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Addresses).toResolvedValue(construct(SqlAddresses), [tokens.Database, tokens.Time]).inSingletonScope()
  bind(tokens.Networks)
    .toResolvedValue(construct(SqlNetworks), [tokens.Database, tokens.Access, tokens.Events, tokens.Addresses])
    .inSingletonScope()
})

import { ContainerModule } from 'inversify'
import { resealAll } from '../access/reseal.ts'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import type { Queries } from '../database/database.ts'
import { ClusterConnector } from './cluster-connector.ts'
import { CredentialVault } from './credential-vault.ts'
import { LiveConnections } from './live-connections.ts'
import { SqlClusterDefaults } from './sql-cluster-defaults.ts'
import { SqlClusters } from './sql-clusters.ts'
import { SqlCredentials } from './sql-credentials.ts'

// Vault and connector hold nothing but what they are made from, so each service has its own.
export const clustersModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Credentials)
    .toResolvedValue(
      (database, access, events, keyring, drivers, sealed) => {
        const reseal = (queries: Queries): Promise<number> => resealAll(sealed, queries, keyring)
        const connector = new ClusterConnector(drivers)
        return new SqlCredentials(database, access, events, new CredentialVault(keyring), connector, reseal)
      },
      [tokens.Database, tokens.Access, tokens.Events, tokens.Keyring, tokens.Drivers, tokens.Sealed],
    )
    .inSingletonScope()
  bind(tokens.ClusterDefaults)
    .toResolvedValue(construct(SqlClusterDefaults), [tokens.Database, tokens.Access, tokens.Events])
    .inSingletonScope()
  bind(tokens.Clusters)
    .toResolvedValue(
      (database, access, events, keyring, drivers, connections) =>
        new SqlClusters(database, access, events, new CredentialVault(keyring), new ClusterConnector(drivers), connections),
      [tokens.Database, tokens.Access, tokens.Events, tokens.Keyring, tokens.Drivers, tokens.Connections],
    )
    .inSingletonScope()
  bind(tokens.Connections)
    .toResolvedValue(
      (database, keyring, drivers, events) =>
        new LiveConnections(database, new ClusterConnector(drivers), new CredentialVault(keyring), events),
      [tokens.Database, tokens.Keyring, tokens.Drivers, tokens.Events],
    )
    .inSingletonScope()
})

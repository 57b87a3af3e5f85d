import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
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
      (database, access, events, keyring, drivers) =>
        new SqlCredentials(database, access, events, new CredentialVault(keyring), new ClusterConnector(drivers)),
      [tokens.Database, tokens.Access, tokens.Events, tokens.Keyring, tokens.Drivers],
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

import { ContainerModule } from 'inversify'
import * as tokens from '../composition/tokens.ts'
import { type SnapshotParts, SqlSnapshots } from './sql-snapshots.ts'

export const snapshotsModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Snapshots)
    .toResolvedValue(
      (
        database: SnapshotParts['database'],
        access: SnapshotParts['access'],
        events: SnapshotParts['events'],
        operations: SnapshotParts['operations'],
        connections: SnapshotParts['connections'],
        contingents: SnapshotParts['contingents'],
      ) => new SqlSnapshots({ database, access, events, operations, connections, contingents }),
      [tokens.Database, tokens.Access, tokens.Events, tokens.Operations, tokens.Connections, tokens.Contingents],
    )
    .inSingletonScope()
})

import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlMachineNetworks } from './sql-machine-networks.ts'
import { type MachineParts, SqlMachines } from './sql-machines.ts'

export const machinesModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.MachineNetworks)
    .toResolvedValue(construct(SqlMachineNetworks), [
      tokens.Database,
      tokens.Access,
      tokens.Events,
      tokens.Addresses,
      tokens.Drivers,
      tokens.Random,
    ])
    .inSingletonScope()

  bind(tokens.Machines)
    .toResolvedValue(
      (
        database: MachineParts['database'],
        access: MachineParts['access'],
        events: MachineParts['events'],
        clock: MachineParts['clock'],
        ids: MachineParts['ids'],
        installation: string,
        operations: MachineParts['operations'],
        settings: MachineParts['settings'],
        clusters: MachineParts['clusters'],
        connections: MachineParts['connections'],
        networks: MachineParts['networks'],
        profiles: MachineParts['profiles'],
        catalog: MachineParts['catalog'],
        contingents: MachineParts['contingents'],
        licensing: MachineParts['licensing'],
        machineNetworks: MachineParts['machineNetworks'],
        addresses: MachineParts['addresses'],
        drivers: MachineParts['drivers'],
      ) =>
        new SqlMachines({
          database,
          access,
          events,
          clock,
          ids,
          installation,
          operations,
          settings,
          clusters,
          connections,
          networks,
          profiles,
          catalog,
          contingents,
          licensing,
          machineNetworks,
          addresses,
          drivers,
        }),
      [
        tokens.Database,
        tokens.Access,
        tokens.Events,
        tokens.Time,
        tokens.Ids,
        tokens.Installation,
        tokens.Operations,
        tokens.Settings,
        tokens.Clusters,
        tokens.Connections,
        tokens.Networks,
        tokens.Profiles,
        tokens.Catalog,
        tokens.Contingents,
        tokens.Licensing,
        tokens.MachineNetworks,
        tokens.Addresses,
        tokens.Drivers,
      ],
    )
    .inSingletonScope()
})

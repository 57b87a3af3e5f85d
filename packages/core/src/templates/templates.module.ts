import { ContainerModule } from 'inversify'
import * as tokens from '../composition/tokens.ts'
import { SqlTemplates, type TemplateParts } from './sql-templates.ts'

export const templatesModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Templates)
    .toResolvedValue(
      (
        access: TemplateParts['access'],
        clock: TemplateParts['clock'],
        clusters: TemplateParts['clusters'],
        connections: TemplateParts['connections'],
        contingents: TemplateParts['contingents'],
        database: TemplateParts['database'],
        events: TemplateParts['events'],
        ids: TemplateParts['ids'],
        installation: string,
        licensing: TemplateParts['licensing'],
        machineNetworks: TemplateParts['machineNetworks'],
        machines: TemplateParts['machines'],
        networks: TemplateParts['networks'],
        operations: TemplateParts['operations'],
        settings: TemplateParts['settings'],
      ) =>
        new SqlTemplates({
          access,
          clock,
          clusters,
          connections,
          contingents,
          database,
          events,
          ids,
          installation,
          licensing,
          machineNetworks,
          machines,
          networks,
          operations,
          settings,
        }),
      [
        tokens.Access,
        tokens.Time,
        tokens.Clusters,
        tokens.Connections,
        tokens.Contingents,
        tokens.Database,
        tokens.Events,
        tokens.Ids,
        tokens.Installation,
        tokens.Licensing,
        tokens.MachineNetworks,
        tokens.Machines,
        tokens.Networks,
        tokens.Operations,
        tokens.Settings,
      ],
    )
    .inSingletonScope()
})

import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { BootServers } from './boot-servers.ts'
import { SqlInstallDesk } from './sql-install-desk.ts'
import { type InstallParts, SqlInstalls } from './sql-installs.ts'

export const installsModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Desk)
    .toResolvedValue(construct(SqlInstallDesk), [
      tokens.Database,
      tokens.Events,
      tokens.Operations,
      tokens.Keyring,
      tokens.Time,
    ])
    .inSingletonScope()

  bind(tokens.BootServers)
    .toResolvedValue(construct(BootServers), [
      tokens.Database,
      tokens.Time,
      tokens.Media,
      tokens.Operations,
      tokens.Options,
    ])
    .inSingletonScope()

  bind(tokens.Installs)
    .toResolvedValue(
      (
        database: InstallParts['database'],
        access: InstallParts['access'],
        events: InstallParts['events'],
        clock: InstallParts['clock'],
        ids: InstallParts['ids'],
        operations: InstallParts['operations'],
        settings: InstallParts['settings'],
        connections: InstallParts['connections'],
        networks: InstallParts['networks'],
        machines: InstallParts['machines'],
        machineNetworks: InstallParts['machineNetworks'],
        keyring: InstallParts['keyring'],
        media: InstallParts['media'],
        bootServers: InstallParts['bootServers'],
        options: InstallParts['options'],
        telemetry: InstallParts['telemetry'],
      ) =>
        new SqlInstalls({
          database,
          access,
          events,
          clock,
          ids,
          operations,
          settings,
          connections,
          networks,
          machines,
          machineNetworks,
          keyring,
          media,
          bootServers,
          options,
          telemetry,
        }),
      [
        tokens.Database,
        tokens.Access,
        tokens.Events,
        tokens.Time,
        tokens.Ids,
        tokens.Operations,
        tokens.Settings,
        tokens.Connections,
        tokens.Networks,
        tokens.Machines,
        tokens.MachineNetworks,
        tokens.Keyring,
        tokens.Media,
        tokens.BootServers,
        tokens.Options,
        tokens.Telemetry,
      ],
    )
    .inSingletonScope()
})

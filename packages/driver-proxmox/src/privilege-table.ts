import type { ProxmoxOptions } from './options.ts'

/** A privilege that an operation needs, on one of these paths. */
export interface Needed {
  readonly operation: string
  readonly privilege: string
  readonly paths: readonly string[]
}

const config = ['CDROM', 'CPU', 'Disk', 'HWType', 'Memory', 'Network', 'Options'].map((name) => `VM.Config.${name}`)

// Found out on servers of 8.4 and 9.2, by granting what each refusal named.
const onMachines: Readonly<Record<string, readonly string[]>> = {
  'inventory.machines': ['VM.Audit'],
  'machines.create': ['VM.Allocate', ...config],
  'machines.destroy': ['VM.Allocate'],
  'machines.reconfigure': config,
  'machines.mark': ['VM.Config.Options'],
  'power.on': ['VM.PowerMgmt'],
  'power.off': ['VM.PowerMgmt'],
  'power.shutdown': ['VM.PowerMgmt'],
  'media.insert': ['VM.Config.CDROM', 'VM.Config.Disk'],
  'snapshots.create': ['VM.Snapshot'],
  'templates.register': ['VM.Allocate'],
  'templates.clone': ['VM.Clone', 'VM.Config.Cloudinit'],
}

const elsewhere: Readonly<Record<string, readonly (readonly [privilege: string, path: string])[]>> = {
  'inventory.hosts': [['Sys.Audit', '/nodes']],
  'inventory.datastores': [['Datastore.Audit', '/storage']],
  'inventory.networks': [['SDN.Audit', '/sdn/zones']],
  'machines.create': [
    ['Datastore.AllocateSpace', '/storage'],
    ['SDN.Use', '/sdn/zones'],
  ],
  'media.upload': [['Datastore.AllocateTemplate', '/storage']],
  'media.remove': [['Datastore.Allocate', '/storage']],
}

/** Everything that the facets need of a server of this version. Machines in a pool are a matter of the pool as well. */
export function neededPrivileges(version: string, { pool }: Pick<ProxmoxOptions, 'pool'>): readonly Needed[] {
  const machines = pool === undefined ? ['/vms'] : ['/vms', `/pool/${pool}`]
  // Version 9 put privileges of the agent's own in the place of the monitor's.
  const agent = Number.parseInt(version, 10) >= 9 ? 'VM.GuestAgent.Audit' : 'VM.Monitor'
  return [
    ...Object.entries({ ...onMachines, 'guest.addresses': [agent] }).flatMap(([operation, privileges]) =>
      privileges.map((privilege) => ({ operation, privilege, paths: machines })),
    ),
    ...Object.entries(elsewhere).flatMap(([operation, list]) =>
      list.map(([privilege, path]) => ({ operation, privilege, paths: [path] })),
    ),
  ]
}

import type { Fields } from '../rest-lab.ts'

/** Keys of things on one side of the fence between two groups. */
export interface Side {
  readonly group: number
  readonly cluster: number
  readonly network: number
  readonly profile: number
  readonly machine: number
  readonly card: number
  readonly contingent: number
  /** Somebody of that side, and a notification filter of theirs. */
  readonly person: number
  readonly filter: number
  /** Id of one that has ended. */
  readonly operation: string
  /** What is in no group's scope has one key for all. */
  readonly user: number
  readonly callback: number
  /** A delivery of that callback which nobody took. */
  readonly deadLetter: number
  readonly credentials: number
  readonly defaults: number
  /** Of a release that the machines can have. */
  readonly os: number
}

/** How the matrix calls an operation. What is not `own` or `foreign` is the same for all. */
export interface Sample {
  /** `group`: what it names, or what its list holds, is one group's. Otherwise why all who hold the permission see the same. */
  readonly scope: 'group' | { readonly shared: string }
  /** Values of the path's parameters. */
  readonly params?: (side: Side) => Readonly<Record<string, number | string>>
  readonly query?: (side: Side) => Fields
  readonly body?: (side: Side) => Fields
  /** It changes nothing and answers what would be, also of what is not there. */
  readonly predicts?: boolean
  /** Why it is not carried out on what is one's own. */
  readonly notCarriedOut?: string
  /** Those with a higher number are carried out later: they take away what the others need. Default 0. */
  readonly order?: number
}

const people = { shared: 'users belong to the installation' }
const hooks = { shared: 'callbacks belong to the installation' }
const log = { shared: 'the log is for administrators' }
const hypervisors = { shared: 'only administrators see them' }
const place = { shared: 'it is of the installation' }
const places = { shared: 'defaults belong to the installation' }
const key =
  (of: keyof Side) =>
  (side: Side): Readonly<Record<string, number | string>> => ({ key: side[of] })
const snapshot = ({ machine }: Side): Readonly<Record<string, number | string>> => ({ vmkey: machine, key: 1 })
const vm = ({ machine }: Side): Readonly<Record<string, number | string>> => ({ vmkey: machine })
const id = ({ operation }: Side): Readonly<Record<string, number | string>> => ({ id: operation })
const size = { cpu: 1, ram: '2GB', disc: '20GB' }
const newMachine = ({ group, cluster, network, os }: Side): Fields => ({
  ...size,
  name: 'new',
  owner: group,
  oskey: os,
  clusterkey: cluster,
  datastore: 'auto',
  networks: [network],
})
const access = { name: 'new', username: 'root', password: 'hunter2', url: 'simulated:' }
const limits = ({ group }: Side): Fields => ({
  usergroupkey: group,
  cpulimit: 9,
  memorylimit: '9GB',
  disclimit: '90GB',
  vmlimit: 9,
})
const told = ({ person }: Side): Fields => ({
  type: 'webhook',
  to: 'https://hooks.example.com/new',
  userkey: person,
  filter: ['critical'],
})
const notOurs = 'what is one’s own differs from user to user'
const onCluster = { name: 'new', dhcp: true }
const hook = { callbackurl: 'https://hooks.example.com/ok', errorcallbackurl: 'https://hooks.example.com/failed' }

/** One for each operation of the contract, by resource and name. */
export const samples: Readonly<Record<string, Sample>> = {
  'audit.list': { scope: log },
  'audit.verify': { scope: log },
  'backup.get': { scope: place },
  'backup.create': { scope: place, notCarriedOut: 'it takes a file, and replaces everything' },
  'logs.create': { scope: log },
  'logs.follow': { scope: log },
  'callbacks.create': { scope: hooks, body: () => hook },
  'callbacks.list': { scope: hooks },
  'callbacks.get': { scope: hooks, params: key('callback') },
  'callbacks.update': { scope: hooks, params: key('callback'), body: () => hook },
  'callbacks.remove': { scope: hooks, params: key('callback'), order: 1 },
  'callbacks.deliveries': { scope: hooks, params: key('callback'), query: () => ({ state: 'dead' }) },
  'callbacks.replay': { scope: hooks, params: ({ callback, deadLetter }) => ({ key: callback, delivery: deadLetter }) },
  'callbacks.replayDead': { scope: hooks, params: key('callback') },
  'callbacks.rotateSecret': { scope: hooks, params: key('callback'), body: () => ({ grace: '1h' }) },
  'destroy.create': {
    scope: { shared: 'whoever has a token may end it' },
    body: () => ({ access_token: 'vkt_unknown' }),
  },
  'permissiongroups.list': { scope: { shared: 'the same everywhere' } },
  'token.get': {
    scope: { shared: 'whoever knows a password' },
    query: () => ({ grant_type: 'client_credentials', client_id: 'admin', client_secret: 'correct horse battery' }),
  },
  'token.create': {
    scope: { shared: 'whoever knows a password' },
    body: () => ({ client_id: 'admin', client_secret: 'correct horse battery' }),
  },
  'update.get': { scope: place },
  'update.create': { scope: place },
  'usergroups.create': {
    scope: 'group',
    body: ({ cluster, network }) => ({ groupname: 'new', users: [], networks: [network], clusters: [cluster] }),
  },
  'usergroups.list': { scope: 'group' },
  'usergroups.get': { scope: 'group', params: key('group') },
  'usergroups.update': {
    scope: 'group',
    params: key('group'),
    body: ({ user }) => ({ groupname: 'renamed', users: [user] }),
    order: 5,
  },
  'usergroups.remove': { scope: 'group', params: key('group'), order: 6 },
  'users.create': { scope: people, body: () => ({ username: 'new', password: 'battery staple' }) },
  'users.list': { scope: people },
  'users.current': { scope: { shared: 'everybody themselves' } },
  'users.get': { scope: people, params: key('user') },
  'users.update': { scope: people, params: key('user'), body: () => ({ username: 'renamed', password: 'battery staple' }) },
  'users.updatePermissions': { scope: people, params: key('user'), body: () => ({ permissiongroups: ['viewer'] }) },
  'users.remove': { scope: people, params: key('user'), order: 6 },
  'clusterCredentials.create': { scope: hypervisors, body: () => access },
  'clusterCredentials.list': { scope: hypervisors },
  'clusterCredentials.get': { scope: hypervisors, params: key('credentials') },
  'clusterCredentials.update': { scope: hypervisors, params: key('credentials'), body: () => access },
  'clusterCredentials.remove': { scope: hypervisors, params: key('credentials'), order: 6 },
  'clusterCredentials.test': { scope: hypervisors, params: key('credentials'), body: () => ({ type: 'simulated' }) },
  'clusterDefaults.create': { scope: places, body: () => ({ datacenter: 'dc1' }) },
  'clusterDefaults.list': { scope: places },
  'clusterDefaults.get': { scope: places, params: key('defaults') },
  'clusterDefaults.update': { scope: places, params: key('defaults'), body: () => ({ datacenter: 'dc1' }) },
  'clusterDefaults.remove': { scope: places, params: key('defaults') },
  'clusters.create': {
    scope: hypervisors,
    body: ({ credentials }) => ({ name: 'new', type: 'simulated', credentialskey: credentials }),
  },
  'clusters.list': { scope: 'group' },
  'clusters.get': { scope: 'group', params: key('cluster') },
  'clusters.update': {
    scope: 'group',
    params: key('cluster'),
    body: ({ credentials }) => ({ name: 'renamed', type: 'simulated', credentialskey: credentials }),
  },
  'clusters.remove': { scope: 'group', params: key('cluster'), order: 4 },
  'clusters.datastores': { scope: 'group', params: key('cluster') },
  'clusters.syncImages': { scope: 'group', params: key('cluster') },
  'clusters.import': {
    scope: 'group',
    params: key('cluster'),
    body: ({ group }) => ({ owner: group, vmnames: ['nothing'] }),
    notCarriedOut: 'there is nothing of that name at the hypervisor',
  },
  'clusters.importable': { scope: 'group', params: key('cluster') },
  'clusters.syncNetworks': { scope: 'group', params: key('cluster') },
  'clusters.synchronize': { scope: 'group', params: key('cluster') },
  'clusters.capabilities': { scope: 'group', params: key('cluster') },
  'clusters.check': { scope: 'group', params: key('cluster') },
  'eula.get': { scope: { shared: 'the same everywhere' }, notCarriedOut: 'there is none' },
  'eula.accept': { scope: { shared: 'everybody for themselves' }, notCarriedOut: 'there is none' },
  'events.all': { scope: 'group', query: ({ machine }) => ({ subject: `machine/${machine}` }) },
  'events.ofOperation': { scope: 'group', params: id },
  'monitoring.health': { scope: { shared: 'the same everywhere' } },
  'monitoring.ready': { scope: { shared: 'the same everywhere' } },
  'monitoring.metrics': { scope: { shared: 'they are of the installation' } },
  'help.list': { scope: { shared: 'the same everywhere' } },
  'help.openapi': { scope: { shared: 'the same everywhere' } },
  'license.get': { scope: place },
  'license.update': { scope: place, body: () => ({ license: 'none' }) },
  'license.remove': { scope: place },
  'networks.create': { scope: 'group', body: ({ cluster }) => ({ ...onCluster, cluster }) },
  'networks.list': { scope: 'group' },
  'networks.get': { scope: 'group', params: key('network') },
  'networks.update': {
    scope: 'group',
    params: key('network'),
    body: ({ cluster }) => ({ name: 'ours', cluster, dhcp: false, cidr: '10.0.1.0/24' }),
  },
  'networks.remove': { scope: 'group', params: key('network'), order: 3 },
  'networks.getFreeIp': { scope: 'group', params: key('network') },
  'networks.addresses': { scope: 'group', params: key('network') },
  'notificationFilter.create': { scope: 'group', body: told, notCarriedOut: notOurs },
  'notificationFilter.list': { scope: 'group' },
  'notificationFilter.get': { scope: 'group', params: key('filter'), notCarriedOut: notOurs },
  'notificationFilter.update': { scope: 'group', params: key('filter'), body: told, notCarriedOut: notOurs },
  'notificationFilter.remove': { scope: 'group', params: key('filter'), notCarriedOut: notOurs },
  'notificationFilter.deliveries': { scope: 'group', params: key('filter'), notCarriedOut: notOurs },
  'operatingSystems.list': { scope: { shared: 'the same everywhere' } },
  'operatingSystems.get': { scope: { shared: 'the same everywhere' }, params: key('os') },
  'operations.list': { scope: 'group' },
  'operations.get': { scope: 'group', params: id },
  'operations.steps': { scope: 'group', params: id },
  'operations.cancel': { scope: 'group', params: id },
  'profiles.create': {
    scope: 'group',
    body: ({ cluster, network, os }) => ({
      ...size,
      name: 'new',
      oskey: os,
      clusterkey: cluster,
      datastore: 'auto',
      networks: [network],
    }),
  },
  'profiles.list': { scope: 'group' },
  'profiles.get': { scope: 'group', params: key('profile') },
  'profiles.update': {
    scope: 'group',
    params: key('profile'),
    body: ({ cluster, network, os }) => ({
      ...size,
      name: 'renamed',
      oskey: os,
      clusterkey: cluster,
      datastore: 'auto',
      networks: [network],
    }),
  },
  'profiles.remove': { scope: 'group', params: key('profile') },
  'profiles.createVirtualMachine': {
    scope: 'group',
    params: key('profile'),
    body: ({ group }) => ({ owner: group, name: 'from-profile' }),
  },
  'resourceContingents.create': { scope: 'group', body: limits },
  'resourceContingents.list': { scope: 'group' },
  'resourceContingents.verify': { scope: 'group' },
  'resourceContingents.plan': { scope: 'group', body: ({ group }) => ({ usergroupkey: group, vm: 1 }), predicts: true },
  'resourceContingents.get': { scope: 'group', params: key('contingent') },
  'resourceContingents.update': { scope: 'group', params: key('contingent'), body: limits },
  'resourceContingents.remove': { scope: 'group', params: key('contingent') },
  'serviceSettings.get': { scope: place },
  'serviceSettings.update': { scope: place, body: () => ({ service: 'core', loglevel: 'info' }) },
  'setting.get': { scope: place },
  'setting.update': { scope: place, body: () => ({ installtimeout: '30m' }) },
  'setting.remove': { scope: place },
  'settingNotification.get': { scope: place },
  'settingNotification.update': { scope: place, body: () => ({ mailserver: 'mail.example.com' }) },
  'settingNotification.remove': { scope: place },
  'templates.list': { scope: 'group', params: key('cluster') },
  'templates.register': { scope: 'group', params: key('machine') },
  'templates.clone': {
    scope: 'group',
    params: key('cluster'),
    body: ({ group, network }) => ({ template: 'nothing', name: 'cloned', owner: group, networks: [network] }),
    notCarriedOut: 'there is nothing of that name at the hypervisor',
  },
  'version.get': { scope: { shared: 'the same everywhere' } },
  'virtualMachineNetworks.create': {
    scope: 'group',
    body: ({ machine, network }) => ({ vmkey: machine, netkey: network }),
  },
  'virtualMachineNetworks.list': { scope: 'group' },
  // By the key of the machine, as the original has it.
  'virtualMachineNetworks.get': { scope: 'group', params: key('machine') },
  'virtualMachineNetworks.update': {
    scope: 'group',
    params: key('card'),
    body: ({ machine, network }) => ({ vmkey: machine, netkey: network }),
  },
  'virtualMachineNetworks.remove': { scope: 'group', params: key('card'), body: ({ machine }) => ({ vmkey: machine }) },
  'virtualMachineSnapshots.create': { scope: 'group', params: vm, body: () => ({ name: 'new' }) },
  'virtualMachineSnapshots.list': { scope: 'group', params: key('machine') },
  'virtualMachineSnapshots.get': { scope: 'group', params: snapshot },
  'virtualMachineSnapshots.update': { scope: 'group', params: snapshot, body: () => ({ name: 'renamed' }) },
  'virtualMachineSnapshots.remove': { scope: 'group', params: snapshot },
  'virtualMachineSnapshots.restore': { scope: 'group', params: snapshot },
  'virtualMachineSnapshots.updatehardware': { scope: 'group', params: vm, body: () => ({ keys: [1] }) },
  'virtualMachines.create': { scope: 'group', body: newMachine },
  'virtualMachines.plan': { scope: 'group', body: newMachine, predicts: true },
  'virtualMachines.list': { scope: 'group' },
  'virtualMachines.get': { scope: 'group', params: key('machine') },
  'virtualMachines.update': {
    scope: 'group',
    params: key('machine'),
    body: ({ group, cluster, os }) => ({
      ...size,
      name: 'ours',
      owner: group,
      oskey: os,
      clusterkey: cluster,
      datastore: 'auto',
    }),
  },
  'virtualMachines.remove': { scope: 'group', params: key('machine'), order: 2 },
  'virtualMachines.info': { scope: 'group', params: key('machine') },
  'virtualMachines.compare': { scope: 'group', params: key('machine') },
  'virtualMachines.install': { scope: 'group', params: key('machine'), body: () => ({}), order: 1 },
  'virtualMachines.installs': { scope: 'group', params: key('machine') },
  'virtualMachines.parameter': {
    scope: 'group',
    params: () => ({ key: 1 }),
    notCarriedOut: 'there are some only after an install',
  },
  'virtualMachines.poweron': { scope: 'group', params: key('machine') },
  'virtualMachines.poweroff': { scope: 'group', params: key('machine') },
  'virtualMachines.shutdown': { scope: 'group', params: key('machine') },
}

import { invalidParameters } from '../api-error.ts'
import { bridgeView } from '../world/networks.ts'
import { nodeLine } from '../world/statistics.ts'
import { visibleVnets } from './cluster-routes.ts'
import { oneOf, optional, text } from './parameters.ts'
import type { Call, Route } from './route.ts'

const audit = { path: '/nodes/{node}', privileges: ['Sys.Audit'] }
const networkTypes =
  'bridge bond eth alias vlan OVSBridge OVSBond OVSPort OVSIntPort vnet any_bridge any_local_bridge'.split(' ')
const cpuModels = ['host', 'kvm64', 'max', 'qemu64', 'x86-64-v2', 'x86-64-v2-AES', 'x86-64-v3', 'x86-64-v4']

export const nodeRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/nodes',
    parameters: {},
    access: 'all',
    answer: ({ world, may }) =>
      [...world.nodes.values()].map((node) => ({
        ...nodeLine(world, node, may(`/nodes/${node.node}`, ['Sys.Audit'])),
        ssl_fingerprint: node.fingerprint,
      })),
  },
  {
    method: 'GET',
    path: '/nodes/{node}',
    parameters: {},
    access: 'all',
    answer: () => ['qemu', 'lxc', 'storage', 'network', 'status', 'tasks', 'version', 'sdn'].map((name) => ({ name })),
  },
  { method: 'GET', path: '/nodes/{node}/status', parameters: {}, access: audit, answer: status },
  {
    method: 'GET',
    path: '/nodes/{node}/time',
    parameters: {},
    access: audit,
    answer: ({ world }) => ({ time: world.now(), localtime: world.now(), timezone: 'UTC' }),
  },
  { method: 'GET', path: '/nodes/{node}/lxc', parameters: {}, access: 'all', answer: () => [] },
  {
    method: 'GET',
    path: '/nodes/{node}/network',
    parameters: optional({ type: oneOf(...networkTypes) }),
    access: 'all',
    answer: networks,
  },
  {
    method: 'GET',
    path: '/nodes/{node}/network/{iface}',
    parameters: { iface: text({ minLength: 2, maxLength: 20 }) },
    access: audit,
    answer: ({ world, params }) => {
      const { bridges } = world.node(params.text('node'))
      const index = bridges.findIndex(({ iface }) => iface === params.text('iface'))
      const bridge = bridges[index]
      if (!bridge) throw invalidParameters({ iface: 'interface does not exist' })
      const { iface: _, ...view } = bridgeView(bridge, index)
      return view
    },
  },
  {
    method: 'GET',
    path: '/nodes/{node}/capabilities/qemu/cpu',
    parameters: {},
    access: 'all',
    answer: () => cpuModels.map((name) => ({ name, custom: 0, vendor: 'default' })),
  },
  {
    method: 'GET',
    path: '/nodes/{node}/capabilities/qemu/machines',
    parameters: {},
    access: 'all',
    answer: () =>
      ['pc-i440fx', 'pc-q35'].flatMap((kind) =>
        ['9.2', '8.2'].map((version) => ({
          id: `${kind}-${version}`,
          type: kind.includes('q35') ? 'q35' : 'i440fx',
          version,
        })),
      ),
  },
]

/** Bridges are seen by those who may use or audit them; others get a shorter list, and no word about it. */
function networks(call: Call): unknown {
  const { world, params, may } = call
  const node = params.text('node')
  const type = params.find('type')
  const bridges = world.node(node).bridges.map(bridgeView)
  const visible = bridges.filter(
    ({ iface }) =>
      may(`/sdn/zones/localnetwork/${String(iface)}`, ['SDN.Audit', 'SDN.Use'], true) ||
      may(`/nodes/${node}`, ['Sys.Audit']),
  )
  if (type === 'any_bridge' || type === 'vnet') {
    const vnets = visibleVnets(call).map(({ vnet }) => ({ iface: vnet, type: 'vnet', active: 1 }))
    return type === 'vnet' ? vnets : [...visible, ...vnets]
  }
  return type === undefined || type === 'bridge' || type === 'any_local_bridge' ? visible : []
}

function status({ world, params }: Call): unknown {
  const node = world.node(params.text('node'))
  const line = nodeLine(world, node, true)
  const [maxmem, mem] = [Number(line['maxmem']), Number(line['mem'])]
  const [total, used] = [Number(line['maxdisk']), Number(line['disk'])]
  return {
    uptime: line['uptime'],
    cpu: line['cpu'],
    wait: 0,
    idle: 0,
    loadavg: ['0.10', '0.08', '0.05'],
    cpuinfo: {
      cpus: node.cpus,
      cores: node.cpus,
      sockets: 1,
      model: 'Simulated CPU',
      mhz: '2400.000',
      hvm: '1',
      flags: '',
      user_hz: 100,
    },
    memory: { total: maxmem, used: mem, free: maxmem - mem, ...(world.release === '9.2' && { available: maxmem - mem }) },
    swap: { total: 0, used: 0, free: 0 },
    rootfs: { total, used, free: total - used, avail: total - used },
    ksm: { shared: 0 },
    kversion: 'Linux 6.8.12-9-pve #1 SMP PREEMPT_DYNAMIC',
    'current-kernel': { sysname: 'Linux', machine: 'x86_64', release: '6.8.12-9-pve', version: '#1 SMP PREEMPT_DYNAMIC' },
    'boot-info': { mode: 'efi', secureboot: 0 },
    pveversion: `pve-manager/${world.release === '8.4' ? '8.4.21/2606ac850d46da29' : '9.2.11/14a22df35955d97d'}`,
  }
}

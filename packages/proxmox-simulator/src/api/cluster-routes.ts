import { invalidParameters } from '../api-error.ts'
import { localZone } from '../world/networks.ts'
import { machineResource, nodeLine } from '../world/statistics.ts'
import { vmid } from './machine-parameters.ts'
import { type Parameters, flag, oneOf, optional, text } from './parameters.ts'
import type { Call, Route } from './route.ts'
import { storageNumbers } from './storage-view.ts'

const versions = {
  '8.4': { version: '8.4.21', release: '8.4', repoid: '2606ac850d46da29' },
  '9.2': { version: '9.2.11', release: '9.2', repoid: '14a22df35955d97d' },
} as const

/** Settings of the datacenter that anything here looks at, and those that clients write most. */
const settings: Parameters = optional({
  delete: text(),
  description: text({ maxLength: 65_536 }),
  email_from: text(),
  migration: text(),
  'next-id': text(),
  'tag-style': text(),
  'user-tag-access': text(),
})

export const clusterRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/version',
    parameters: {},
    access: 'all',
    answer: ({ world }) => versions[world.release],
  },
  {
    method: 'GET',
    path: '/nodes/{node}/version',
    parameters: {},
    access: 'all',
    answer: ({ world }) => versions[world.release],
  },
  {
    method: 'GET',
    path: '/cluster',
    parameters: {},
    access: 'all',
    answer: () => ['resources', 'tasks', 'options', 'status', 'nextid', 'sdn'].map((name) => ({ name })),
  },
  { method: 'GET', path: '/cluster/nextid', parameters: optional({ vmid }), access: 'all', answer: nextId },
  {
    method: 'GET',
    path: '/cluster/resources',
    parameters: optional({ type: oneOf('vm', 'storage', 'node', 'sdn') }),
    access: 'all',
    answer: resources,
  },
  {
    method: 'GET',
    path: '/cluster/status',
    parameters: {},
    access: { path: '/', privileges: ['Sys.Audit'] },
    answer: ({ world }) =>
      [...world.nodes.values()].map(({ node, online }, index) => ({
        id: `node/${node}`,
        name: node,
        type: 'node',
        ip: `127.0.0.${index + 1}`,
        level: '',
        nodeid: index,
        online: online ? 1 : 0,
        local: index === 0 ? 1 : 0,
      })),
  },
  {
    method: 'GET',
    path: '/cluster/options',
    parameters: {},
    access: 'all',
    answer: ({ world, may }) => {
      const tags = [...world.machines.values()].flatMap(({ config }) => config.get('tags')?.split(/[;,]/) ?? [])
      const allowed = { 'allowed-tags': [...new Set(tags)].toSorted() }
      return may('/', ['Sys.Audit'])
        ? { keyboard: 'en-us', ...Object.fromEntries(world.clusterOptions), ...allowed }
        : allowed
    },
  },
  {
    method: 'PUT',
    path: '/cluster/options',
    parameters: settings,
    access: { path: '/', privileges: ['Sys.Modify'] },
    answer: ({ world, params }) => {
      for (const [name, value] of params.entries()) if (name !== 'delete') world.clusterOptions.set(name, value)
      for (const name of params.list('delete')) world.clusterOptions.delete(name)
      return null
    },
  },
  {
    method: 'GET',
    path: '/cluster/sdn/vnets',
    parameters: optional({ pending: flag, running: flag }),
    access: 'all',
    answer: (call) => visibleVnets(call).map((vnet) => ({ ...vnet, type: 'vnet' })),
  },
  {
    method: 'GET',
    path: '/cluster/sdn/zones',
    parameters: optional({
      pending: flag,
      running: flag,
      type: oneOf('evpn', 'faucet', 'qinq', 'simple', 'vlan', 'vxlan'),
    }),
    access: 'all',
    answer: ({ world, may }) =>
      [...world.zones.values()].filter(({ zone }) => may(`/sdn/zones/${zone}`, ['SDN.Audit', 'SDN.Allocate'], true)),
  },
  {
    method: 'GET',
    path: '/nodes/{node}/sdn/zones',
    parameters: {},
    access: 'all',
    answer: ({ world, may }) =>
      [...world.zones.values()]
        .filter(({ zone }) => may(`/sdn/zones/${zone}`, ['SDN.Audit', 'SDN.Allocate'], true))
        .map(({ zone }) => ({ zone, status: 'available' })),
  },
]

export function visibleVnets({ world, may }: Call): { vnet: string; zone: string }[] {
  return [...world.vnets.values()].filter(({ zone, vnet }) =>
    may(`/sdn/zones/${zone}/${vnet}`, ['SDN.Audit', 'SDN.Allocate', 'SDN.Use'], true),
  )
}

/** The lowest number that is free. It reserves nothing: who asks at the same time is told the same. */
function nextId({ world, params }: Call): string {
  const wanted = params.find('vmid')
  if (wanted !== undefined) {
    if (world.machines.has(Number(wanted))) throw invalidParameters({ vmid: `VM ${wanted} already exists` })
    return wanted
  }
  const [lower, upper] = rangeOf(world.clusterOptions.get('next-id') ?? '')
  for (let id = lower; id < upper; id += 1) if (!world.machines.has(id)) return String(id)
  throw invalidParameters({ vmid: 'unable to get any free VMID in range' })
}

function rangeOf(option: string): [lower: number, upper: number] {
  return [Number(/lower=(\d+)/.exec(option)?.[1] ?? 100), Number(/upper=(\d+)/.exec(option)?.[1] ?? 1_000_000)]
}

function resources(call: Call): unknown {
  const { world, statistics, params, may } = call
  const wanted = (type: string): boolean => !params.has('type') || params.text('type') === type
  const list: Record<string, unknown>[] = []
  if (wanted('vm')) {
    for (const machine of world.machines.values()) {
      if (may(`/vms/${machine.vmid}`, ['VM.Audit'])) list.push(machineResource(world, statistics, machine))
    }
  }
  if (wanted('node')) {
    for (const node of world.nodes.values()) {
      const mayAudit = may(`/nodes/${node.node}`, ['Sys.Audit'])
      list.push({ ...nodeLine(world, node, mayAudit), ...(mayAudit && node.online && { 'cgroup-mode': 2 }) })
    }
  }
  for (const { node, online } of wanted('storage') || wanted('sdn') ? world.nodes.values() : []) {
    if (wanted('storage')) {
      for (const storage of world.storages.all.values()) {
        if (!may(`/storage/${storage.storage}`, ['Datastore.Audit', 'Datastore.AllocateSpace'], true)) continue
        if (storage.nodes && !storage.nodes.includes(node)) continue
        const { total, used } = storageNumbers(world, storage, node)
        const known = { id: `storage/${node}/${storage.storage}`, type: 'storage', storage: storage.storage, node }
        const kind = { plugintype: storage.type, content: storage.content.join(','), shared: storage.shared ? 1 : 0 }
        list.push({
          ...known,
          ...kind,
          status: online ? 'available' : 'unknown',
          ...(online && { maxdisk: total, disk: used }),
        })
      }
    }
    if (wanted('sdn')) {
      for (const zone of [localZone, ...world.zones.keys()]) {
        if (!may(`/sdn/zones/${zone}`, ['SDN.Audit'])) continue
        list.push({ id: `sdn/${node}/${zone}`, type: 'sdn', sdn: zone, node, status: online ? 'ok' : 'unknown' })
      }
    }
  }
  if (!params.has('type')) {
    for (const { poolid } of world.pools.values()) {
      if (may(`/pool/${poolid}`, ['Pool.Audit'])) list.push({ id: `/pool/${poolid}`, type: 'pool', pool: poolid })
    }
  }
  return list
}

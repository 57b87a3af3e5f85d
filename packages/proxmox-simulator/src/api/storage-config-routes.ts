import { failed } from '../api-error.ts'
import type { Storage } from '../world/storages.ts'
import { type Parameters, flag, oneOf, optional, text } from './parameters.ts'
import type { Call, Route } from './route.ts'
import { storageName } from './storage-routes.ts'

const types = 'btrfs cephfs cifs dir esxi glusterfs iscsi iscsidirect lvm lvmthin nfs pbs rbd zfs zfspool'.split(' ')
const allocate = { path: '/storage', privileges: ['Datastore.Allocate'] }
const settings: Parameters = optional({
  content: text(),
  disable: flag,
  nodes: text(),
  pool: text(),
  server: text(),
  shared: flag,
  sparse: flag,
})

/** Storages as the datacenter's configuration has them. */
export const storageConfigRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/storage',
    parameters: optional({ type: oneOf(...types) }),
    access: 'all',
    answer: ({ world, params, may }) =>
      [...world.storages.all.values()]
        .filter(
          ({ storage, type }) =>
            may(`/storage/${storage}`, ['Datastore.Audit', 'Datastore.AllocateSpace'], true) &&
            (!params.has('type') || params.text('type') === type),
        )
        .map(configOf),
  },
  {
    method: 'POST',
    path: '/storage',
    parameters: {
      storage: storageName,
      type: oneOf(...types),
      ...settings,
      ...optional({ export: text(), path: text(), thinpool: text(), vgname: text() }),
    },
    access: allocate,
    answer: create,
  },
  {
    method: 'GET',
    path: '/storage/{storage}',
    parameters: { storage: storageName },
    access: { path: '/storage/{storage}', privileges: ['Datastore.Allocate'] },
    answer: (call) => configOf(find(call)),
  },
  {
    method: 'PUT',
    path: '/storage/{storage}',
    parameters: {
      storage: storageName,
      ...settings,
      ...optional({ delete: text({ maxLength: 4096 }), digest: text({ maxLength: 64 }) }),
    },
    access: allocate,
    answer: (call) => {
      const storage = find(call)
      const { params } = call
      if (params.has('content')) storage.content = params.list('content')
      if (params.has('nodes')) storage.nodes = params.list('nodes')
      if (params.has('disable')) storage.enabled = !params.flag('disable')
      if (params.list('delete').includes('disable')) storage.enabled = true
      if (params.list('delete').includes('nodes')) delete storage.nodes
      return { storage: storage.storage, type: storage.type }
    },
  },
  {
    method: 'DELETE',
    path: '/storage/{storage}',
    parameters: { storage: storageName },
    access: allocate,
    answer: (call) => {
      call.world.storages.all.delete(find(call).storage)
      return null
    },
  },
]

function find({ world, params }: Call): Storage {
  const storage = world.storages.all.get(params.text('storage'))
  if (!storage) throw failed(`storage '${params.text('storage')}' does not exist`)
  return storage
}

function configOf({ storage, type, path, content, shared, nodes, enabled }: Storage): Record<string, unknown> {
  return {
    storage,
    type,
    content: content.join(','),
    ...(path !== undefined && { path }),
    ...(shared && { shared: 1 }),
    ...(nodes && { nodes: nodes.join(',') }),
    ...(!enabled && { disable: 1 }),
  }
}

function create({ world, params }: Call): unknown {
  const [storage, type] = [params.text('storage'), params.text('type')]
  if (world.storages.all.has(storage)) throw failed(`create storage failed: storage ID '${storage}' already defined`)
  const path = params.find('path')
  if (type === 'dir' && path === undefined) throw failed("create storage failed: missing value for required option 'path'")
  const content = params.has('content') ? params.list('content') : ['images', 'rootdir']
  world.storages.all.set(storage, {
    storage,
    type,
    content,
    enabled: !params.flag('disable'),
    shared: params.flag('shared') || ['nfs', 'cifs', 'rbd', 'cephfs'].includes(type),
    totalBytes: 500 * 2 ** 30,
    otherBytes: 0,
    ...(path !== undefined && { path }),
    ...(params.has('nodes') && { nodes: params.list('nodes') }),
  })
  return { storage, type }
}

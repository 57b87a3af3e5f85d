import { denied, failed, invalidParameters } from '../api-error.ts'
import { volumesOf } from '../world/drives.ts'
import { parseSize } from '../world/property-string.ts'
import type { Storage, Volume } from '../world/storages.ts'
import { vmid } from './machine-parameters.ts'
import { type Parameter, flag, oneOf, optional, text, whole } from './parameters.ts'
import type { Call, Route } from './route.ts'
import { storageLine, storageStatus, volumeLine } from './storage-view.ts'

export const storageName: Parameter = text({ format: 'storage' })
const named = { storage: storageName }
const seen = { path: '/storage/{storage}', privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'], any: true }
const content = '/nodes/{node}/storage/{storage}/content'

export const storageRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/nodes/{node}/storage',
    parameters: optional({
      content: text(),
      enabled: flag,
      format: flag,
      storage: storageName,
      target: text({ format: 'node' }),
    }),
    access: 'all',
    answer: list,
  },
  {
    method: 'GET',
    path: '/nodes/{node}/storage/{storage}',
    parameters: named,
    access: seen,
    answer: () => ['status', 'content', 'upload', 'download-url', 'rrddata', 'prunebackups'].map((subdir) => ({ subdir })),
  },
  {
    method: 'GET',
    path: '/nodes/{node}/storage/{storage}/status',
    parameters: named,
    access: seen,
    answer: (call) => storageStatus(call.world, storageOf(call), call.params.text('node')),
  },
  {
    method: 'GET',
    path: content,
    parameters: { ...named, ...optional({ content: text(), vmid }) },
    access: seen,
    answer: contents,
  },
  {
    method: 'POST',
    path: content,
    parameters: {
      ...named,
      filename: text(),
      size: text({ pattern: /\d+[MG]?/ }),
      vmid,
      ...optional({ format: { ...oneOf('raw', 'qcow2', 'subvol', 'vmdk'), requires: 'size' } }),
    },
    access: { path: '/storage/{storage}', privileges: ['Datastore.AllocateSpace'] },
    answer: allocate,
  },
  {
    method: 'GET',
    path: `${content}/{volume}`,
    parameters: { storage: { ...storageName, optional: true }, volume: text() },
    access: 'all',
    answer: (call) => {
      const { size, used, format } = visibleVolume(call)
      return { size, used, format, path: volumePath(call, visibleVolume(call)) }
    },
  },
  {
    method: 'DELETE',
    path: `${content}/{volume}`,
    parameters: { storage: { ...storageName, optional: true }, volume: text(), ...optional({ delay: whole(1, 30) }) },
    access: 'all',
    answer: remove,
  },
]

export function storageOf({ world, params }: Call): Storage {
  return world.storages.get(params.text('storage'), params.text('node'))
}

function list(call: Call): unknown {
  const { world, params, may } = call
  const node = params.text('node')
  return [...world.storages.all.values()]
    .filter(
      ({ storage, nodes, enabled, content: holds }) =>
        may(`/storage/${storage}`, ['Datastore.Audit', 'Datastore.AllocateSpace'], true) &&
        (nodes?.includes(node) ?? true) &&
        (!params.flag('enabled') || enabled) &&
        (!params.has('storage') || params.text('storage') === storage) &&
        (!params.has('content') || params.list('content').some((kind) => holds.includes(kind))),
    )
    .map((storage) => storageLine(world, storage, node, params.flag('format')))
}

/** Disks are seen by who may see their machine, or may allocate on the storage; media by everybody who sees the storage. */
function contents(call: Call): unknown {
  const { world, params, may } = call
  const { storage } = storageOf(call)
  const visible = ({ vmid: owner }: Volume): boolean =>
    owner === undefined || may(`/storage/${storage}`, ['Datastore.Allocate']) || may(`/vms/${owner}`, ['VM.Config.Disk'])
  return world.storages
    .list(storage, params.text('node'))
    .filter(
      (volume) =>
        visible(volume) &&
        (!params.has('vmid') || volume.vmid === params.number('vmid')) &&
        (!params.has('content') || params.list('content').includes(volume.content)),
    )
    .toSorted((a, b) => (a.volid < b.volid ? -1 : 1))
    .map(volumeLine)
}

function allocate(call: Call): string {
  const { world, params } = call
  const { storage } = storageOf(call)
  const [node, owner, name] = [params.text('node'), params.number('vmid'), params.text('filename')]
  const given = params.text('size')
  // Without a unit, it is kibibytes.
  const size = /\d$/.test(given) ? Number(given) * 1024 : (parseSize(given) ?? 0)
  const format = /\.(raw|qcow2|vmdk)$/.exec(name)?.[1] ?? params.find('format')
  const plain = name.replace(/\.(?:raw|qcow2|vmdk)$/, '')
  if (!plain.startsWith(`vm-${owner}-`)) throw failed(`illegal name '${name}' - should be 'vm-${owner}-*'`)
  const wish = { storage, node, vmid: owner, size, name: plain, ...(format !== undefined && { format }) }
  return world.storages.allocate(wish).volid
}

function volidOf({ params }: Call): string {
  const [storage, volume] = [params.find('storage'), params.text('volume')]
  const volid = volume.includes(':') ? volume : `${storage}:${volume}`
  if (storage !== undefined && !volid.startsWith(`${storage}:`))
    throw invalidParameters({ volume: 'storage does not match' })
  return volid
}

function visibleVolume(call: Call): Volume {
  const volid = volidOf(call)
  const storage = volid.slice(0, volid.indexOf(':'))
  call.check(`/storage/${storage}`, ['Datastore.Audit', 'Datastore.AllocateSpace'], true)
  const volume = call.world.storages.find(volid, call.params.text('node'))
  if (!volume) throw failed(`volume '${volid}' does not exist`)
  return volume
}

function volumePath({ world }: Call, { storage, volid, content: kind }: Volume): string {
  const { path = `/mnt/pve/${storage}` } = world.storages.get(storage)
  const name = volid.slice(volid.indexOf(':') + 1)
  return `${path}/${kind === 'images' ? `images/${name}` : name.replace(/^iso\//, 'template/iso/')}`
}

/** What is not there is deleted all the same; a disk in use is refused. */
function remove(call: Call): string {
  const { world, params } = call
  const [node, volid] = [params.text('node'), volidOf(call)]
  const storage = volid.slice(0, volid.indexOf(':'))
  world.storages.get(storage, node)
  const volume = world.storages.find(volid, node)
  const may = call.may(`/storage/${storage}`, ['Datastore.Allocate'])
  if (!may && volume?.vmid !== undefined) call.check(`/vms/${volume.vmid}`, ['VM.Config.Disk'])
  else if (!may) throw denied(`/storage/${storage}`, ['Datastore.Allocate'])
  const owner = volume?.vmid === undefined ? undefined : world.machines.get(volume.vmid)
  if (owner && volumesOf(owner).has(volid)) {
    throw failed(
      `Cannot remove image, a guest with VMID '${owner.vmid}' exists!\nYou can delete the image from the guest's hardware pane`,
    )
  }
  return call.start(
    node,
    'imgdel',
    volume?.vmid === undefined ? `${storage}` : `${volume.vmid}@${storage}`,
    async (hand) => {
      await hand.pause(60)
      world.storages.remove(volid, node)
      if (volume) hand.log(`Removed volume '${volid}'`)
    },
  )
}

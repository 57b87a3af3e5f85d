/**
 * What goes over the wire, once for both ends. `read` changes nothing, so that a call whose answer was lost can be said not
 * to have happened; a `stream` answers piece by piece.
 */
export const remoteMethods = {
  'inventory.defaults': 'read',
  'inventory.datacenters': 'read',
  'inventory.hosts': 'read',
  'inventory.resourcePools': 'read',
  'inventory.datastores': 'read',
  'inventory.networks': 'read',
  'inventory.machines': 'stream',
  'machines.create': 'write',
  'machines.find': 'read',
  'machines.findByKey': 'read',
  'machines.mark': 'write',
  'machines.unmark': 'write',
  'machines.reconfigure': 'write',
  'machines.destroy': 'write',
  'power.read': 'read',
  'power.on': 'write',
  'power.off': 'write',
  'power.shutdown': 'write',
  'media.upload': 'upload',
  'media.find': 'read',
  'media.remove': 'write',
  'media.insert': 'write',
  'media.eject': 'write',
  'guest.addresses': 'read',
  'console.tail': 'read',
  'snapshots.list': 'read',
  'snapshots.create': 'write',
  'snapshots.rename': 'write',
  'snapshots.revert': 'write',
  'snapshots.remove': 'write',
  'snapshots.updateHardware': 'write',
  'templates.list': 'read',
  'templates.register': 'write',
  'templates.clone': 'write',
  'watch.changes': 'stream',
  'privileges.missing': 'read',
} as const

export type RemoteMethod = keyof typeof remoteMethods

export function isRemoteMethod(name: unknown): name is RemoteMethod {
  return typeof name === 'string' && Object.hasOwn(remoteMethods, name)
}

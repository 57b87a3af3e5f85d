import { type Found, type Wanted, retrieveAll, retrieveBelow } from '../client/retrieve.ts'
import type { CallOptions, VimClient } from '../client/vim-client.ts'
import { Places } from './places.ts'

const wanted: readonly Wanted[] = [
  { type: 'Folder', pathSet: ['name', 'parent'] },
  { type: 'Datacenter', pathSet: ['name', 'parent', 'vmFolder'] },
  { type: 'ComputeResource', pathSet: ['name', 'parent', 'resourcePool'] },
  {
    type: 'HostSystem',
    pathSet: [
      'name',
      'parent',
      'runtime.connectionState',
      'runtime.inMaintenanceMode',
      'summary.hardware.memorySize',
      'summary.hardware.numCpuThreads',
      'datastore',
    ],
  },
  { type: 'ResourcePool', pathSet: ['name', 'parent'] },
  { type: 'Datastore', pathSet: ['name', 'parent', 'summary', 'browser'] },
  { type: 'Network', pathSet: ['name', 'parent'] },
  { type: 'OpaqueNetwork', pathSet: ['name', 'parent', 'summary'] },
  { type: 'DistributedVirtualPortgroup', pathSet: ['name', 'parent', 'key', 'config', 'tag'] },
]

/** What an ESXi host by itself does not have, and would refuse to be asked for. */
const ofVcenterOnly: ReadonlySet<string> = new Set(['DistributedVirtualPortgroup', 'OpaqueNetwork'])

/** Reads all places of a server in two calls. */
export async function readPlaces(client: VimClient, isVcenter: boolean, options: CallOptions): Promise<Places> {
  const root = client.service('rootFolder')
  const propSet = isVcenter ? wanted : wanted.filter(({ type }) => !ofVcenterOnly.has(type))
  const found = new Map<string, Found>()
  const add = ({ ref, properties }: Found): void => {
    // A distributed port group is a network as well, and may come once as each.
    found.set(ref.id, { ref, properties: { ...found.get(ref.id)?.properties, ...properties } })
  }
  for (const each of await retrieveAll(client, [root], [{ type: 'Folder', pathSet: ['name'] }], options)) add(each)
  for await (const page of retrieveBelow(client, root, propSet, undefined, options)) page.forEach(add)
  return new Places([...found.values()], root)
}

import { retrieveOne } from '../client/retrieve.ts'
import { type VimArguments, typed } from '../client/xml/write-xml.ts'
import { refAt, textAt } from '../client/xml/xml-tree.ts'
import type { Place } from '../places/places.ts'
import type { Work } from '../session.ts'
import { addNic } from './device-changes.ts'
import type { WantedNic } from './machine-input.ts'

/** New network cards, in order. */
export async function addNics(work: Work, nics: readonly WantedNic[]): Promise<readonly VimArguments[]> {
  const backings = new Map<Place, VimArguments>()
  for (const { network } of nics) if (!backings.has(network)) backings.set(network, await backingOf(work, network))
  return nics.map(({ network, mac }, i) => addNic(mac, backings.get(network) ?? {}, i))
}

/** How a card says which network it is on: each kind of network has its own way. */
async function backingOf(work: Work, network: Place): Promise<VimArguments> {
  const { ref, properties } = network
  if (ref.moType === 'DistributedVirtualPortgroup') {
    const { config } = properties
    const dvs = refAt(config, 'distributedVirtualSwitch')
    const switchUuid = dvs && textAt((await retrieveOne(work.client, dvs, ['uuid'], work.options)).properties['uuid'])
    const port = { switchUuid, portgroupKey: textAt(properties['key']) ?? ref.id }
    return typed('VirtualEthernetCardDistributedVirtualPortBackingInfo', { port })
  }
  if (ref.moType === 'OpaqueNetwork') {
    const opaqueNetworkId = textAt(properties['summary'], 'opaqueNetworkId')
    const opaqueNetworkType = textAt(properties['summary'], 'opaqueNetworkType')
    return typed('VirtualEthernetCardOpaqueNetworkBackingInfo', { opaqueNetworkId, opaqueNetworkType })
  }
  return typed('VirtualEthernetCardNetworkBackingInfo', { deviceName: network.name, network: ref })
}

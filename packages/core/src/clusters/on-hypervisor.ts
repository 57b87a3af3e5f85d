import { type Call, type Hypervisor, isVirtkitError } from '@virtkit/spi'
import type { Connections } from './clusters.ts'

/** Works on a cluster's hypervisor. A session that turns out to be broken is forgotten, so that the next attempt opens another. */
export async function onHypervisor<T>(
  connections: Connections,
  clusterKey: number,
  call: Call,
  work: (hypervisor: Hypervisor) => Promise<T>,
): Promise<T> {
  const hypervisor = await connections.to(clusterKey, call.signal)
  try {
    return await work(hypervisor)
  } catch (error) {
    if (isVirtkitError(error, 'HYPERVISOR_UNAVAILABLE') || isVirtkitError(error, 'UNAUTHENTICATED')) {
      await connections.drop(clusterKey, hypervisor)
    }
    throw error
  }
}

import { type HypervisorDriver, VirtkitError, defineDriver } from '@virtkit/spi'
import type { AcmeCloud } from '../cloud/acme-cloud.ts'
import { startAsking } from './asking.ts'
import { acmeInventory } from './facets/inventory.ts'
import { acmeMachines } from './facets/machines.ts'
import { acmePower } from './facets/power.ts'
import { acmeSnapshots } from './facets/snapshots.ts'
import { type AcmeOptions, acmeOptions } from './options.ts'

// driver {
/** The driver. `dial` finds the cloud at a URL: a real driver opens a socket there, the toy looks into its own process. */
export function acmeDriver(dial: (url: string) => AcmeCloud | undefined): HypervisorDriver<AcmeOptions> {
  return defineDriver<AcmeOptions>({
    spec: 1,
    name: 'acme',
    options: acmeOptions,
    async connect({ url, password }, call) {
      const cloud = dial(url)
      if (!cloud) throw new VirtkitError('HYPERVISOR_UNAVAILABLE', `No answer at ${url}.`, { details: { endpoint: url } })
      const asking = startAsking(cloud)
      const logOut = await asking.read(call, '', ({ signal }) => cloud.logIn(password.reveal(), signal))
      return {
        about: { product: 'Acme Cloud', version: '1.0' },
        inventory: acmeInventory(asking),
        machines: acmeMachines(asking),
        power: acmePower(asking),
        guest: { addresses: (ref, each) => asking.read(each, ref, async (ask) => (await cloud.get(ref, ask)).leases) },
        snapshots: acmeSnapshots(asking),
        // No media, templates, watch and privileges: what is left out is not claimed, and its cases are skipped.
        async [Symbol.asyncDispose]() {
          asking.close()
          logOut()
        },
      }
    },
  })
}
// }

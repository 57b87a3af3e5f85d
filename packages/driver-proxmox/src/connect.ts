import { type Call, type Hypervisor, isVirtkitError } from '@virtkit/spi'
import { HttpTransport } from './client/http-transport.ts'
import { record, text } from './client/wire.ts'
import { guestOperations } from './facets/guest.ts'
import { inventoryOperations } from './facets/inventory.ts'
import { machineOperations } from './facets/machines.ts'
import { mediaOperations } from './facets/media.ts'
import { powerOperations } from './facets/power.ts'
import { privilegeOperations } from './facets/privileges.ts'
import { snapshotOperations } from './facets/snapshots.ts'
import { templateOperations } from './facets/templates.ts'
import { MachineReader } from './machine/machine-reader.ts'
import type { ProxmoxOptions } from './options.ts'
import { Session } from './session.ts'

/** Opens a session. Throws `HYPERVISOR_UNAVAILABLE`, `UNAUTHENTICATED`, `CANCELLED`. */
export async function connectProxmox(options: ProxmoxOptions, call: Call): Promise<Hypervisor> {
  const { url, fallbackUrls, username, password, ca, fingerprint, insecure, timeoutMs } = options
  const transport = new HttpTransport({
    endpoints: [url, ...fallbackUrls],
    username,
    password: () => password.reveal(),
    insecure,
    timeoutMs,
    ...(ca !== undefined && { ca }),
    ...(fingerprint !== undefined && { fingerprint }),
  })
  const session = new Session(transport, options)
  try {
    const version = text(record(await session.perform(call, (pve) => pve.get('/version')))['version'])
    const about = { product: 'Proxmox VE', version: version ?? 'unknown' }
    const reader = new MachineReader(session)
    return {
      about,
      inventory: inventoryOperations(session, reader),
      machines: machineOperations(session, reader),
      power: powerOperations(session, reader),
      media: mediaOperations(session, reader),
      guest: guestOperations(session, reader),
      snapshots: snapshotOperations(session, reader),
      templates: templateOperations(session, reader),
      privileges: privilegeOperations(session, about),
      [Symbol.asyncDispose]: () => session.close(),
    }
  } catch (error) {
    await session.close()
    throw isVirtkitError(error) ? error : new Error('connecting failed', { cause: error })
  }
}

import type { Call, Hypervisor } from '@virtkit/spi'
import { consoleOperations } from './facets/console.ts'
import { guestOperations } from './facets/guest.ts'
import { inventoryOperations } from './facets/inventory.ts'
import { machineOperations } from './facets/machines.ts'
import { mediaOperations } from './facets/media.ts'
import { powerOperations } from './facets/power.ts'
import { privilegeOperations } from './facets/privileges.ts'
import { snapshotOperations } from './facets/snapshots.ts'
import { templateOperations } from './facets/templates.ts'
import { watchOperations } from './facets/watch.ts'
import type { LibvirtOptions } from './options.ts'
import { Session } from './session.ts'

/** Opens a session: libvirt has answered, and its QEMU has told its version. */
export async function connectLibvirt(options: LibvirtOptions, call: Call): Promise<Hypervisor> {
  const session = new Session(options)
  try {
    const { libvirt, hypervisor } = await session.perform(call, (api) => api.versions())
    return {
      about: { product: 'QEMU on libvirt', version: `${versionText(hypervisor)} on ${versionText(libvirt)}` },
      inventory: inventoryOperations(session),
      machines: machineOperations(session),
      power: powerOperations(session),
      media: mediaOperations(session),
      console: consoleOperations(session),
      guest: guestOperations(session),
      snapshots: snapshotOperations(session),
      templates: templateOperations(session),
      watch: watchOperations(session),
      privileges: privilegeOperations(session),
      [Symbol.asyncDispose]: () => session.close(),
    }
  } catch (error) {
    await session.close()
    throw error
  }
}

function versionText(number: number): string {
  return `${Math.floor(number / 1_000_000)}.${Math.floor(number / 1000) % 1000}.${number % 1000}`
}

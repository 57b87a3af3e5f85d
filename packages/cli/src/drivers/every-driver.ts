import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { libvirt } from '@virtkit/driver-libvirt'
import { simulated } from '@virtkit/driver-simulated'
import { vmware } from '@virtkit/driver-vsphere'
import type { AnyDriver } from '@virtkit/spi'

/** All drivers that this command has, for any database that it is given. `warn`: of one that does not load. */
export async function everyDriver(cwd: string, warn: (text: string) => void): Promise<readonly AnyDriver[]> {
  return [simulated, libvirt, vmware, ...(await loadOptionalDrivers(cwd, warn))]
}

/**
 * Drivers that are used when somebody has installed them, and not named by any import: the command stands without them, and under its
 * own licence.
 */
const optionalDrivers = [{ package: '@virtkit/driver-proxmox', exported: 'proxmox' }] as const

/** Those that are there, as this command finds them or as the folder does that it is called in. */
async function loadOptionalDrivers(cwd: string, warn: (text: string) => void): Promise<readonly AnyDriver[]> {
  const drivers: AnyDriver[] = []
  for (const { package: name, exported } of optionalDrivers) {
    const url = findPackage(name, cwd)
    if (url === undefined) continue
    try {
      const exports = (await import(url)) as Readonly<Record<string, AnyDriver | undefined>>
      const driver = exports[exported]
      if (driver) drivers.push(driver)
      else warn(`${name} exports no ${exported}: clusters of its kind cannot be used`)
    } catch (error) {
      warn(
        `${name} cannot be loaded (${error instanceof Error ? error.message : 'unknown'}): clusters of its kind cannot be used`,
      )
    }
  }
  return drivers
}

function findPackage(name: string, cwd: string): string | undefined {
  for (const from of [import.meta.url, join(cwd, 'package.json')]) {
    try {
      return pathToFileURL(createRequire(from).resolve(name)).href
    } catch {
      // Not there; perhaps in the other place.
    }
  }
  return undefined
}

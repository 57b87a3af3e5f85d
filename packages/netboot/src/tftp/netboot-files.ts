import type { InstallDesk } from '@virtkit/spi'
import { renderNetworkScript, renderSiteScript } from '../ipxe/network-script.ts'
import { guestUrls } from '../plan/guest-urls.ts'
import { parseRoute } from '../server/guest-route.ts'
import type { FindFile } from './tftp-server.ts'

/** Programs that firmware loads by TFTP, by the name that DHCP tells it: `undionly.kpxe`, `snponly.efi`. */
export type NetworkPrograms = Readonly<Record<string, Uint8Array>>

/** The script that is the same for all. iPXE that was loaded by TFTP looks for the second name beside itself. */
const siteScripts = new Set(['boot.ipxe', 'autoexec.ipxe'])

/**
 * What is there by TFTP: the programs under their names, `boot.ipxe`, which asks for the run of the machine's card, and
 * `boot/<token>/script.ipxe` of every run. The table is closed, as that of HTTP: nothing of a name reaches a file system.
 */
export function netbootFiles(desk: InstallDesk, programs: NetworkPrograms, origin: () => string): FindFile {
  const byName = new Map(Object.entries(programs))
  return async (name) => {
    const path = name.startsWith('/') ? name : `/${name}`
    const program = byName.get(path.slice(1))
    if (program) return program
    if (siteScripts.has(path.slice(1))) return Buffer.from(renderSiteScript(origin()))
    const route = parseRoute(path)
    if (route?.file !== 'script' || !(await desk.find(route.token))) return undefined
    return Buffer.from(renderNetworkScript(guestUrls(origin(), route.token)))
  }
}

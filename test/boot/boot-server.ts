import { type NetbootOptions, memoryBootFiles, netboot, readIpxePrograms } from '@virtkit/netboot'
import type { InstallMedia } from '@virtkit/spi'
import type { BootPeers } from '../find-boot-peers.ts'
import { buildInstaller } from './installer.ts'

let installer: ReturnType<typeof buildInstaller> | undefined

/** Install media with the tests' own installer, which is built once a process. */
export async function bootServer(
  peers: BootPeers,
  how: Pick<NetbootOptions, 'listen' | 'publicOrigin' | 'tftp'>,
): Promise<InstallMedia> {
  const { ipxe, isolinux, ldlinux } = peers
  return netboot({
    ...how,
    bootFiles: memoryBootFiles((installer ??= buildInstaller(peers))),
    bootPrograms: await readIpxePrograms({ bios: { ipxe: ipxe.bios, isolinux, ldlinux }, uefi: ipxe.uefi }),
  })
}

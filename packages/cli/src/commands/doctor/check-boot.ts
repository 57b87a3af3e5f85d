import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { debianProgramPaths, readIpxePrograms } from '@virtkit/netboot'
import { isVirtkitError } from '@virtkit/spi'
import { readBootPrograms } from '../serve/boot-programs.ts'
import { type Finding, missing, ok, reasonOf, warning } from './finding.ts'

/** What installs need. Without a boot host there are none. */
export async function checkBootHost(
  host: string | undefined,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): Promise<Finding> {
  const own = Object.values(interfaces).flatMap((each) => each ?? [])
  const elsewhere = own.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address)
  const choice = elsewhere.length > 0 ? `one of ${elsewhere.join(', ')}` : 'an address of this machine'
  if (host === undefined) return warning('boot-host', 'nothing can be installed without one', `--boot-host with ${choice}`)
  const found = own.find(({ address }) => address === host)
  if (found?.internal === true)
    return warning('boot-host', `${host} is reached by machines on this host only`, `--boot-host with ${choice}`)
  if (found) return ok('boot-host', `${host} is an address of this machine`)
  const text = isIP(host) === 0 ? `${host} is no address` : `${host} is no address of this machine`
  return missing('boot-host', text, `--boot-host with ${choice}`)
}

/** iPXE's programs, in the folder that was named or where Debian has them. */
export async function checkBootPrograms(folder: string | undefined, cwd: string): Promise<Finding> {
  const fix = 'apt install ipxe isolinux syslinux-common'
  try {
    if (folder === undefined) {
      await readIpxePrograms(debianProgramPaths)
      const from = '--boot-programs with a folder of ipxe.lkrn, isolinux.bin, ldlinux.c32 and ipxe.efi'
      return warning('ipxe', 'its programs are installed, and no folder with them is named', from)
    }
    const { network } = await readBootPrograms(folder, cwd)
    const count = Object.keys(network).length
    return ok('ipxe', `${folder} has programs for media${count > 0 ? `, and ${count} for TFTP` : ''}`)
  } catch (error) {
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    const [{ problem } = { problem: 'cannot be read' }] = error.details.problems
    return folder === undefined ? warning('ipxe', `${problem}: media do not start`, fix) : missing('ipxe', problem, fix)
  }
}

/** Whether the port can be had. Firmware asks at 69, which is looked at when nobody asks for one, too. */
export async function checkTftp(host: string | undefined, port: number | undefined): Promise<Finding> {
  const at = host ?? '0.0.0.0'
  const asked = port ?? 69
  const socket = createSocket(at.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.bind({ port: asked, address: at, exclusive: true })
    await once(socket, 'listening')
    return ok('tftp', `UDP port ${asked} of ${at} can be had`)
  } catch (error) {
    const lacking = port === undefined ? warning : missing
    const reason = reasonOf(error)
    const text = `UDP port ${asked} of ${at} cannot be had (${reason})`
    if (reason === 'EADDRINUSE') return lacking('tftp', text, `ss -lunp 'sport = :${asked}'`)
    if (reason === 'EACCES') return lacking('tftp', text, `sysctl net.ipv4.ip_unprivileged_port_start=${asked}`)
    return lacking('tftp', text)
  } finally {
    socket.close()
  }
}

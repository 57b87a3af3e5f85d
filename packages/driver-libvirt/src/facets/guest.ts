import { type GuestOperations, cidrContains, formatIp, parseCidr, tryParseIp } from '@virtkit/spi'
import type { Libvirt } from '../client/libvirt.ts'
import { powerOf } from '../machines/hardware.ts'
import { type FoundMachine, getMachine } from '../machines/look.ts'
import type { Session } from '../session.ts'

const notReachable = ['127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fe80::/10'].map((text) => parseCidr(text, 'range'))

/** What knows best first: the agent in the guest, libvirt's DHCP server, the host's neighbours. */
const sources = [1, 0, 2] as const

export function guestOperations(session: Session): GuestOperations {
  return {
    addresses: (ref, call) =>
      session.perform(call, async (libvirt) => {
        const { domain } = await getMachine(libvirt, ref)
        if (powerOf(await libvirt.domainState(domain)) !== 'on') return []
        const found = new Set<string>()
        for (const source of sources) {
          for (const text of await ask(libvirt, domain, source)) {
            const ip = tryParseIp(text)
            if (ip && !notReachable.some((range) => cidrContains(range, ip))) found.add(formatIp(ip))
          }
        }
        return [...found]
      }),
  }
}

/** A source that does not know (no agent, no DHCP server) says so with an error; that is no word about the others. */
async function ask(libvirt: Libvirt, domain: FoundMachine['domain'], source: 0 | 1 | 2): Promise<readonly string[]> {
  try {
    return await libvirt.addresses(domain, source)
  } catch (error) {
    if (error instanceof Error && error.name === 'LibvirtError') return []
    throw error
  }
}

import { type GuestOperations, cidrContains, parseCidr, tryParseIp } from '@virtkit/spi'
import { listAt, textAt } from '../client/xml/xml-tree.ts'
import { getMachine } from '../machines/find-machine.ts'
import { powerOf } from '../machines/machine-view.ts'
import type { Context } from './context.ts'

export function guestOperations({ session }: Context): GuestOperations {
  const notReachable = ['127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fe80::/10'].map((text) => parseCidr(text, 'range'))
  const isReachable = (address: string): boolean => {
    const ip = tryParseIp(address)
    return ip !== undefined && !notReachable.some((range) => cidrContains(range, ip))
  }
  return {
    addresses: (ref, call) =>
      session.perform(call, { what: 'machine', id: ref }, async (work) => {
        const { properties } = await getMachine(work, ref, ['name', 'runtime.powerState', 'guest.net', 'guest.ipAddress'])
        // The server remembers the last addresses of a machine that is off.
        if (powerOf(properties) !== 'on') return []
        const ofCards = listAt(properties['guest.net']).flatMap((card) => listAt(card, 'ipAddress'))
        const all = [...ofCards, properties['guest.ipAddress']].map((each) => textAt(each) ?? '')
        return [...new Set(all)].filter(isReachable)
      }),
  }
}

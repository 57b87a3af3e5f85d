import type { GuestOperations } from '@virtkit/spi'
import { says } from '../client/error-texts.ts'
import { record, records, text } from '../client/wire.ts'
import type { MachineReader } from '../machine/machine-reader.ts'
import type { Session } from '../session.ts'

export function guestOperations(session: Session, reader: MachineReader): GuestOperations {
  return {
    addresses: (ref, call) =>
      session.perform(call, async (pve) => {
        const { node, vmid, info } = await reader.get(pve, ref)
        if (info.power !== 'on') return []
        try {
          const path = '/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces'
          const cards = records(record(await pve.get(path, { node, vmid }))['result'])
          const all = cards.flatMap((card) => records(card['ip-addresses']).map((line) => text(line['ip-address']) ?? ''))
          return [...new Set(all.map((address) => address.replace(/%.*$/, '')))].filter((address) => !isLocal(address))
        } catch (error) {
          // No agent, or not yet: the guest says nothing.
          if (says(error, 'agentSilent')) return []
          throw error
        }
      }),
  }
}

/** Loopback (RFC 1122, RFC 4291) and link-local (RFC 3927, RFC 4291) addresses tell nobody where the machine is. */
function isLocal(address: string): boolean {
  return address === '' || /^(?:127\.|169\.254\.|::1$|fe[89ab])/i.test(address)
}

import type { GuestOperations } from '@virtkit/spi'
import type { Session } from '../session.ts'

export function guestOperations(session: Session): GuestOperations {
  const { core } = session.simulator
  return {
    addresses: (ref, call) =>
      session.perform({
        method: 'guest.addresses',
        call,
        subject: { ref },
        run: () => core.get(ref).addresses.filter((address) => !isLocal(address)),
      }),
  }
}

/** Loopback (RFC 1122, RFC 4291) and link-local (RFC 3927, RFC 4291) addresses tell nobody where the machine is. */
function isLocal(address: string): boolean {
  return /^(?:127\.|169\.254\.|::1$|fe[89ab])/i.test(address)
}

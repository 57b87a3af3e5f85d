import { parseIp } from '@virtkit/spi'
import { type AddressPool, isAllowed, isInPool, poolOf } from './address-rules.ts'
import type { NetworkValues } from './network-rules.ts'

/**
 * Which of the addresses in use a changed network would no longer have: those outside of it, those that it now reserves, and
 * those that were handed out from its range and are not in the new one. An address asked for by name may lie outside of
 * the range, and stays where it is.
 */
export function addressesLost(before: Plan, after: Plan, inUse: readonly string[]): readonly string[] {
  const oldPool = poolIfStatic(before)
  const newPool = poolIfStatic(after)
  return inUse.filter((address) => {
    const ip = parseIp(address, 'address')
    if (!newPool || !isAllowed(newPool, ip)) return true
    return oldPool !== undefined && isInPool(oldPool, ip) && !isInPool(newPool, ip)
  })
}

type Plan = Pick<NetworkValues, 'dhcp' | 'cidr' | 'reservation' | 'gateway'> & { readonly excluded?: readonly string[] }

function poolIfStatic({ dhcp, cidr, reservation, gateway, excluded }: Plan): AddressPool | undefined {
  return dhcp || cidr === undefined ? undefined : poolOf({ cidr, reservation, gateway, excluded })
}

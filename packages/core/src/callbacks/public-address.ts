import { isIP } from 'node:net'
import { AddressBlocks } from '../options/address-blocks.ts'

/** Blocks that no receiver on the public internet has an address in (IANA special-purpose registries). */
const special: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Everything that is not global unicast, IPv4 in its clothes included.
  '::/3',
  '4000::/2',
  '8000::/1',
  // Within global unicast: documentation, and what leads to an IPv4 address or a tunnel.
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
]

const notForEverybody = new AddressBlocks(special)

/** False for addresses of private networks, of this machine, of everything else that is not for everybody, and for what is none. */
export function isPublicAddress(address: string): boolean {
  return isIP(address.split('%')[0] ?? '') !== 0 && !notForEverybody.has(address)
}

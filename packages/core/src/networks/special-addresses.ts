import { type Cidr, parseCidr } from '@virtkit/spi'
import type { AddressRange } from './address-rules.ts'

/** Blocks that no network card of a machine can have an address of (IANA special-purpose registries). */
const blocks: readonly (readonly [block: string, meaning: string])[] = [
  ['0.0.0.0/8', 'unspecified'],
  ['127.0.0.0/8', 'loopback'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::ffff:0:0/96', 'IPv4-mapped'],
  ['ff00::/8', 'multicast'],
]

/** Says of a range that touches such a block what is wrong with it: `loopback`. */
export function neverOurs(range: AddressRange): string | undefined {
  const touches = (block: Cidr): boolean =>
    block.version === range.version && block.first <= range.last && block.last >= range.first
  return blocks.find(([block]) => touches(parseCidr(block, 'block')))?.[1]
}

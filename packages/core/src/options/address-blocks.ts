import { BlockList, isIP, isIPv4 } from 'node:net'

/** A set of addresses, given as blocks: `10.0.0.0/8`, `fd00::/8`, or one address alone. */
export class AddressBlocks {
  // Two lists: one would hold IPv4 addresses against the blocks of IPv6 as well.
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() }

  /** Throws `RangeError` for what is no block; see `isAddressBlock`. */
  constructor(blocks: readonly string[]) {
    for (const block of blocks) {
      if (!isAddressBlock(block)) throw new RangeError(`${block} is no block of addresses`)
      const [address = '', length] = block.split('/')
      const family = isIPv4(address) ? 'ipv4' : 'ipv6'
      this.#lists[family].addSubnet(address, Number(length ?? (family === 'ipv4' ? 32 : 128)), family)
    }
  }

  has(address: string): boolean {
    const [bare = ''] = address.split('%')
    if (isIP(bare) === 0) return false
    const family = isIPv4(bare) ? 'ipv4' : 'ipv6'
    return this.#lists[family].check(bare, family)
  }
}

/** True for `10.0.0.0/8`, `fd00::/8` and single addresses. */
export function isAddressBlock(text: string): boolean {
  const [address = '', length, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || address.includes('%') || more.length > 0) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128))
}

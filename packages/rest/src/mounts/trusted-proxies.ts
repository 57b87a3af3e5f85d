import { BlockList, isIP } from 'node:net'
import { type InputProblem, invalidInput } from '@virtkit/spi'

/** Who asks, by the address at the other end of the connection and the header `X-Forwarded-For`. */
export type TrustProxy = (remote: string | undefined, forwardedFor: string | undefined) => string | undefined

/**
 * Takes the word of proxies at these addresses or networks, and of nobody else, on who asks. Each proxy appends whom it was asked by;
 * so the header is read from its end, as far as those who wrote it are trusted. What is no address there counts for nothing.
 *
 * Throws `INVALID_INPUT` naming each address that is none; `field` is what they were given in.
 *
 * @example
 * ```ts
 * await serveNode(rest, { host: '10.0.0.2', trustProxy: trustProxies(['10.0.0.1', 'fd00::/64']) })
 * ```
 */
export function trustProxies(addresses: readonly string[], field = 'trustProxy'): TrustProxy {
  const trusted = new BlockList()
  const problems: InputProblem[] = []
  for (const each of addresses) {
    if (!add(trusted, each)) {
      const hint = 'write it like 10.0.0.1, 10.0.0.0/8 or fd00::/64'
      problems.push({ field, problem: `is neither an address nor a network: ${each}`, hint })
    }
  }
  if (problems.length > 0) throw invalidInput(problems)
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return (remote, forwardedFor) => {
    if (remote === undefined || isIP(remote) === 0) return remote
    const told = (forwardedFor ?? '').split(',')
    let address = unmapped(remote)
    while (told.length > 0 && isTrusted(address)) {
      const before = addressIn(told.pop()!)
      if (before === undefined) break
      address = before
    }
    return address
  }
}

function add(trusted: BlockList, text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  const most = version === 6 ? 128 : 32
  if (version === 0 || Number(bits ?? 0) > most) return false
  trusted.addSubnet(address, Number(bits ?? most), version === 6 ? 'ipv6' : 'ipv4')
  return true
}

/** Some proxies add a port, and some put IPv6 into brackets. */
function addressIn(text: string): string | undefined {
  const bare = text.trim().replace(/^\[(.*)\](?::\d+)?$/, '$1')
  const address = isIP(bare) === 0 ? bare.replace(/:\d+$/, '') : bare
  return isIP(address) === 0 ? undefined : unmapped(address)
}

/** IPv4 as a socket for both has it (RFC 4291, 2.5.5.2): the same caller by either. */
function unmapped(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  return mapped ?? address
}

import { createHmac } from 'node:crypto'
import type { Secret } from '@virtkit/spi'
import { kindOf } from './log-rules.ts'
import type { LogLine } from './logs.ts'

/**
 * Stands in for names and addresses: keyed, so that nobody without the key can try out names, and stable, so that the same value is
 * the same pseudonym in every line. Addresses become addresses of ranges that nobody can have: 240.0.0.0/4 (RFC 1112),
 * 2001:db8::/32 (RFC 3849), and MACs that are locally administered. Two values share one in so many by chance: of IPv4, some 2^28.
 */
export class Pseudonyms {
  readonly #key: Buffer

  constructor(key: Secret) {
    this.#key = Buffer.from(key.reveal(), 'base64url')
  }

  line(line: LogLine): LogLine {
    const fields: Record<string, LogLine['fields'][string]> = {}
    for (const [name, value] of Object.entries(line.fields)) {
      const shown = typeof value === 'string' ? this.#value(name, value) : value
      if (shown !== undefined) fields[name] = shown
    }
    return { ...line, fields }
  }

  /** Left out is what may name anybody. */
  #value(field: string, value: string): string | undefined {
    switch (kindOf(field)) {
      case 'word':
        return value
      case 'name':
        return `name-${this.#digest('name', value).toString('hex', 0, 6)}`
      case 'host':
        return this.#host(value)
      case 'ip':
        return this.#ip(value)
      case 'mac':
        return this.mac(value)
      case 'url': {
        const { protocol, hostname, port } = new URL(value)
        return `${protocol}//${this.#host(hostname)}${port && `:${port}`}`
      }
      default:
        return undefined
    }
  }

  /** With its prefix or port left as it is. */
  #ip(value: string): string {
    const [, address = '', rest = ''] = /^\[?([0-9a-fA-F.:]+)\]?(.*)$/.exec(value) ?? []
    if (!isAddress(address)) return this.#host(value)
    return `${address.includes(':') ? this.ipv6(address) : this.ipv4(address)}${/^\/\d{1,3}$/.test(rest) ? rest : ''}`
  }

  #host(value: string): string {
    const bare = value.replace(/^\[(.*)\]$/, '$1')
    if (isAddress(bare)) return bare.includes(':') ? `[${this.ipv6(bare)}]` : this.ipv4(bare)
    // A host is a name as well: the machine `web` and the host `web` are one.
    return `name-${this.#digest('name', value.toLowerCase()).toString('hex', 0, 6)}`
  }

  ipv4(address: string): string {
    const [a, b, c, d] = this.#digest('ip', address)
    return `${240 + (a! % 15)}.${b}.${c}.${d}`
  }

  ipv6(address: string): string {
    const digits = this.#digest('ip', canonical(address)).toString('hex', 0, 12)
    return `2001:db8:${digits.match(/.{4}/g)!.join(':')}`
  }

  mac(address: string): string {
    const digits = this.#digest('mac', address.toLowerCase()).toString('hex', 0, 5)
    return `02:${digits.match(/../g)!.join(':')}`
  }

  #digest(kind: string, value: string): Buffer {
    return createHmac('sha256', this.#key).update(`${kind}\0${value}`).digest()
  }
}

function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || (text.includes(':') && /^[0-9a-fA-F:.]+$/.test(text))
}

/** The same address, however it is written (RFC 5952 as URLs do it). */
function canonical(address: string): string {
  const url = `http://[${address}]/`
  return URL.canParse(url) ? new URL(url).hostname : address.toLowerCase()
}

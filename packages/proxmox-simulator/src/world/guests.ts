/** What runs inside a machine. */
export interface Guest {
  /** From power on until the agent answers and a shutdown is obeyed, in the original's milliseconds. */
  readonly bootMs: number
  readonly hostName: string
  /** By the MAC of the card, upper case: addresses with their prefix, such as `10.0.0.5/24`. Cards that are not named have none. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>
  /** False: it runs, but has no agent. Default true. */
  readonly agent?: boolean
  /** What `exec` answers. Default: exit code 0 and no output. */
  readonly run?: (command: readonly string[]) => ProcessResult
}

export interface ProcessResult {
  readonly exitCode: number
  readonly stdout?: string
  readonly stderr?: string
}

export interface AgentInterface {
  readonly name: string
  readonly 'hardware-address': string
  readonly 'ip-addresses'?: readonly { 'ip-address': string; 'ip-address-type': 'ipv4' | 'ipv6'; prefix: number }[]
  readonly statistics: Readonly<Record<string, number>>
}

const counters = ['rx-bytes', 'rx-dropped', 'rx-errs', 'rx-packets', 'tx-bytes', 'tx-dropped', 'tx-errs', 'tx-packets']
const statistics = Object.fromEntries(counters.map((name) => [name, 0]))

/** The agent says the loopback too, and MACs in lower case; a card without addresses has no `ip-addresses`. */
export function agentInterfaces(macs: readonly string[], { addresses = {} }: Guest): AgentInterface[] {
  const cards = macs.map((mac, index) => {
    const own = addresses[mac.toUpperCase()] ?? []
    const linkLocal = own.length === 0 ? [] : [`fe80::${mac.slice(9).toLowerCase().replaceAll(':', '')}/64`]
    return card(`ens${18 + index}`, mac.toLowerCase(), [...own, ...linkLocal])
  })
  return [card('lo', '00:00:00:00:00:00', ['127.0.0.1/8', '::1/128']), ...cards]
}

function card(name: string, mac: string, addresses: readonly string[]): AgentInterface {
  const told = addresses.map((address) => {
    const [ip = '', prefix = '32'] = address.split('/')
    return {
      'ip-address': ip,
      'ip-address-type': ip.includes(':') ? ('ipv6' as const) : ('ipv4' as const),
      prefix: Number(prefix),
    }
  })
  return { name, 'hardware-address': mac, ...(told.length > 0 && { 'ip-addresses': told }), statistics }
}

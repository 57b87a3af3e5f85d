import { formatIp, parseCidr, tryParseIp } from '@virtkit/spi'
import type { Style } from '../../output/output.ts'

export interface AddressMapInput {
  readonly network: {
    readonly cidr: string
    readonly ipreservationcidr: string
    readonly gateway: string
    readonly excluded: readonly string[]
  }
  readonly addresses: readonly { readonly ip: string; readonly state: 'used' | 'held' | 'quarantined' }[]
  /** How wide a line may become. */
  readonly columns: number
  readonly paint?: (style: Style, text: string) => string
}

interface Range {
  readonly first: bigint
  readonly last: bigint
}

/** More cells than these say nothing to an eye: then each stands for several addresses. */
const mostCells = 1024n
const signs = { used: '█', held: '▒', quarantined: '░', free: '·', never: ' ' } as const
type State = keyof typeof signs
/** What is told of a cell with several. */
const order: readonly State[] = ['used', 'held', 'quarantined', 'free', 'never']
const styles: Readonly<Partial<Record<State, Style>>> = { used: 'cyan', held: 'yellow', quarantined: 'dim' }

/**
 * The addresses of a network, a sign for each in lines of 64, or of 32 where 64 do not fit; of large networks a sign stands for several
 * and shows the most that is done with any of them. Below it, what the signs mean and how many there are.
 */
export function renderAddressMap(input: AddressMapInput): string[] {
  const { network, paint = (_, text) => text } = input
  const cidr = parseCidr(network.cidr, 'cidr')
  const taken = new Map(input.addresses.flatMap(({ ip, state }) => [[tryParseIp(ip)?.value ?? -1n, state] as const]))
  const size = cidr.last - cidr.first + 1n
  const perCell = size <= mostCells ? 1n : (size + mostCells - 1n) / mostCells
  const cells = Number((size + perCell - 1n) / perCell)
  const usable = usableIn(cidr, network)
  const busy = new Map<number, State>()
  for (const [value, state] of taken) {
    const cell = Number((value - cidr.first) / perCell)
    if (order.indexOf(state) < order.indexOf(busy.get(cell) ?? 'free')) busy.set(cell, state)
  }
  const stateOf = (cell: number): State => {
    const first = cidr.first + BigInt(cell) * perCell
    const last = first + perCell - 1n
    return busy.get(cell) ?? (usable.some((range) => range.first <= last && range.last >= first) ? 'free' : 'never')
  }
  const label = (cell: number): string => formatIp({ version: cidr.version, value: cidr.first + BigInt(cell) * perCell })
  const margin = Math.max(...[0, cells - 1].map((cell) => label(cell).length))
  const perLine = input.columns >= margin + 2 + 64 ? 64 : 32
  const lines: string[] = []
  for (let start = 0; start < cells; start += perLine) {
    const states = Array.from({ length: Math.min(perLine, cells - start) }, (_, index) => stateOf(start + index))
    const text = states.map((state) => (styles[state] ? paint(styles[state], signs[state]) : signs[state])).join('')
    lines.push(`${label(start).padEnd(margin)}  ${text}`.trimEnd())
  }
  return [...lines, '', legend(usable, taken, perCell)]
}

function legend(usable: readonly Range[], taken: ReadonlyMap<bigint, State>, perCell: bigint): string {
  const states = [...taken.values()]
  const parts = (['used', 'held', 'quarantined'] as const).map(
    (state) => `${signs[state]} ${states.filter((each) => each === state).length} ${state}`,
  )
  const total = usable.reduce((sum, { first, last }) => sum + (last - first + 1n), 0n)
  // Some are used that would not be handed out: those of imported machines.
  const given = [...taken.keys()].filter((value) => usable.some((range) => holds(range, value))).length
  const each = perCell === 1n ? '' : `; a sign is ${perCell} addresses`
  return `${parts.join('  ')}  ${signs.free} ${total - BigInt(given)} free${each}`
}

/** What addresses are handed out from: the range, less network, broadcast, gateway and what is excluded. */
function usableIn(
  cidr: Range & { readonly version: 4 | 6 },
  { ipreservationcidr, gateway, excluded }: AddressMapInput['network'],
): readonly Range[] {
  const whole = ipreservationcidr === '' ? cidr : parseRange(ipreservationcidr)
  const ends = [
    { first: cidr.first, last: cidr.first },
    ...(cidr.version === 4 ? [{ first: cidr.last, last: cidr.last }] : []),
  ]
  const texts = [gateway, ...excluded].filter((text) => text !== '')
  // Two addresses have neither a network's nor a broadcast's among them (RFC 3021, RFC 6164).
  return [...(cidr.last - cidr.first > 1n ? ends : []), ...texts.map(parseRange)].reduce<readonly Range[]>(
    (left, gone) => left.flatMap((range) => without(range, gone)),
    whole ? [whole] : [],
  )
}

function without(range: Range, gone: Range | undefined): Range[] {
  if (!gone || gone.last < range.first || gone.first > range.last) return [range]
  const before = { first: range.first, last: gone.first - 1n }
  const after = { first: gone.last + 1n, last: range.last }
  return [before, after].filter(({ first, last }) => first <= last)
}

function parseRange(text: string): Range | undefined {
  if (text.includes('/')) return parseCidr(text, 'range')
  const [from, to = from] = text.split('-').map((each) => tryParseIp(each.trim())?.value)
  return from === undefined || to === undefined ? undefined : { first: from, last: to }
}

function holds({ first, last }: Range, value: bigint): boolean {
  return value >= first && value <= last
}

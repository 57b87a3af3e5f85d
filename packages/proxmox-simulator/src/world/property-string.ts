/** `local:1,format=qcow2`: the value that stands first and alone, and the options. */
export interface PropertyString {
  readonly head: string
  readonly options: ReadonlyMap<string, string>
}

/** Reads a value in the original's comma form. `defaultKey` is what the first part means, with or without its name. */
export function parsePropertyString(text: string, defaultKey: string): PropertyString {
  const options = new Map<string, string>()
  let head = ''
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    if (equals === -1) head ||= part
    else if (part.slice(0, equals) === defaultKey) head = part.slice(equals + 1)
    else options.set(part.slice(0, equals), part.slice(equals + 1))
  }
  return { head, options }
}

/** The original writes the head first and the options in alphabetical order. */
export function renderPropertyString({ head, options }: PropertyString): string {
  const sorted = [...options].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [head, ...sorted.map(([key, value]) => `${key}=${value}`)].join(',')
}

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** Bytes of `32G`, `512M`, `1024`; undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text) ?? []
  return amount === undefined ? undefined : Math.round(Number(amount) * (units[unit ?? ''] ?? 1))
}

/** The largest unit that leaves a whole number. */
export function renderSize(bytes: number): string {
  for (const unit of ['T', 'G', 'M', 'K']) {
    const size = units[unit] ?? 1
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`
  }
  return String(bytes)
}

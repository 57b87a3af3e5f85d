/** `local:100/vm-100-disk-0.qcow2,discard=on,size=4G`: what stands first without a name, and the rest by name, in order. */
export interface PropertyString {
  readonly head: string
  readonly options: ReadonlyMap<string, string>
}

export function parseProperties(text: string): PropertyString {
  const options = new Map<string, string>()
  let head = ''
  for (const [index, part] of text.split(',').entries()) {
    const equals = part.indexOf('=')
    if (equals === -1 && index === 0) head = part
    else if (equals !== -1) options.set(part.slice(0, equals), part.slice(equals + 1))
  }
  return { head, options }
}

export function renderProperties({ head, options }: PropertyString): string {
  return [...(head === '' ? [] : [head]), ...[...options].map(([name, value]) => `${name}=${value}`)].join(',')
}

const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** `4G`, `528K`, `1100M`, or bytes without a unit; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text) ?? []
  return number === undefined ? undefined : Math.round(Number(number) * (units[unit ?? ''] ?? 1))
}

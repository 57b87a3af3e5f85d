/** A reference to a managed object: what vSphere hands out instead of the thing. */
export interface MoRef {
  readonly moType: string
  readonly id: string
}

/** What an element holds: its children by local name, several of one name as a list, `$type` where the server named one. */
export interface XmlObject {
  readonly [name: string]: unknown
}

export function isMoRef(value: unknown): value is MoRef {
  return typeof value === 'object' && value !== null && 'moType' in value
}

/** The value at a path of local names: `at(answer, 'Envelope.Body')`. Undefined where the path ends early. */
export function at(value: unknown, path: string): unknown {
  let here = value
  for (const name of path.split('.')) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as XmlObject)[name]
  }
  return here
}

/** What stands there once or several times, always as a list. */
export function listAt(value: unknown, path?: string): readonly unknown[] {
  const found = path === undefined ? value : at(value, path)
  if (found === undefined || found === '') return []
  return Array.isArray(found) ? found : [found]
}

export function textAt(value: unknown, path?: string): string | undefined {
  const found = path === undefined ? value : at(value, path)
  if (found === undefined || typeof found === 'object') return undefined
  return String(found)
}

/** A number, whether the server said its type or not; undefined for anything else. */
export function numberAt(value: unknown, path?: string): number | undefined {
  const text = textAt(value, path)
  const number = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isNaN(number) ? undefined : number
}

export function flagAt(value: unknown, path?: string): boolean {
  const text = textAt(value, path)
  return text === 'true' || text === '1'
}

export function refAt(value: unknown, path?: string): MoRef | undefined {
  const found = path === undefined ? value : at(value, path)
  return isMoRef(found) ? found : undefined
}

/** The name of the type that the server gave the element: `VirtualDisk`. */
export function typeOf(value: unknown): string | undefined {
  return textAt(value, '$type')
}

import { proxmoxApi } from 'proxmox-api'
import { PveError } from './pve-error.ts'
import type { PveAsk } from './transport.ts'

/** What the package's objects can do, seen without its types: they are those of version 8.1. */
interface Place {
  readonly $: (id: string) => Place
  readonly [part: string]: unknown
}

/** The path of a call below `/api2/json`, put together by the package, which knows how the API is walked. */
export function pathOf({ path, at = {} }: Pick<PveAsk, 'path' | 'at'>): string {
  let built = ''
  const engine = {
    doRequest: async (_: string, whole: string): Promise<void> => {
      built = whole
    },
  }
  let place = proxmoxApi(engine) as unknown as Place
  for (const part of path.split('/').slice(1)) {
    const name = /^\{(.+)\}$/.exec(part)?.[1]
    place = name === undefined ? (place[part] as Place) : place.$(checked(name, at[name]))
  }
  const get = place['$get'] as () => unknown
  get()
  return built.replace(/^\/api2\/json/, '')
}

// The package escapes nothing but a slash: what would end a path or climb out of it must not get there.
function checked(name: string, value: string | number | undefined): string {
  const text = String(value ?? '')
  if (/^[\w.:@!+/,=-]+$/.test(text) && !/^\.+$/.test(text)) return text
  throw new PveError(
    { kind: 'invalid', errors: { [name]: 'cannot stand in a path' } },
    `${name}: cannot stand in a path`,
    'no',
  )
}

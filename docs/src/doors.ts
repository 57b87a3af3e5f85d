import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A way into a package: `@virtkit/core/inversify`, and the source behind it. */
export interface Door {
  readonly name: string
  readonly source: string
}

/** Every door of every package, as the manifests have them. */
export function listDoors(root: string): Door[] {
  return readdirSync(join(root, 'packages')).flatMap((folder) => {
    const { name, exports = {} } = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as {
      name: string
      exports?: Record<string, { '@virtkit/source'?: string }>
    }
    return Object.entries(exports).flatMap(([path, { '@virtkit/source': source }]) =>
      source === undefined ? [] : [{ name: name + path.slice(1), source: `packages/${folder}/${source.slice(2)}` }],
    )
  })
}

/** `core-inversify.md` for `@virtkit/core/inversify`. */
export const apiPageOf = (door: string): string => `${door.replace('@virtkit/', '').replaceAll('/', '-')}.md`

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a package says of itself, as far as we look at it. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly license?: string
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string }
  readonly files?: readonly string[]
  readonly type?: string
  readonly sideEffects?: unknown
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>> | string>>
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly engines?: { readonly node?: string }
  readonly private?: boolean
}

/** A way into a package: `specifier` is what one imports. */
export interface Door {
  readonly specifier: string
  /** As a file name: `index` for the package itself, `mounts-node` for `./mounts/node`. */
  readonly name: string
  readonly source: string
  readonly types: string
  readonly code: string
}

export interface Package {
  /** The folder's name below `packages/`. */
  readonly home: string
  readonly folder: string
  readonly manifest: Manifest
  readonly doors: readonly Door[]
}

/** Every folder of `packages/`: what is there is published, and nothing is left out of what is checked. */
export function listPackages(): Package[] {
  return readdirSync(join(root, 'packages')).map((home) => {
    const folder = join(root, 'packages', home)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
    return { home, folder, manifest, doors: doorsOf(manifest) }
  })
}

function doorsOf({ name, exports = {} }: Manifest): Door[] {
  return Object.entries(exports).flatMap(([way, conditions]) => {
    if (typeof conditions === 'string') return [] // a file, no module of ours
    const { '@virtkit/source': source = '', types = '', default: code = '' } = conditions
    const door = way === '.' ? 'index' : way.slice(2).replaceAll('/', '-')
    return [{ specifier: name + way.slice(1), name: door, source, types, code }]
  })
}

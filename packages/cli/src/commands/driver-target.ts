import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AnyDriver, Secret, VirtkitError, invalidInput } from '@virtkit/spi'
import type { DriverTarget } from '@virtkit/spi/conformance'

export interface TargetOptions {
  readonly cwd: string
  readonly exportName: string | undefined
  /** Go before those of an exported target. */
  readonly options: unknown
}

type Exports = Readonly<Record<string, unknown>>

/**
 * Finds what is to be checked: the export that was named, else `target`, else the one driver that there is. Throws `INVALID_INPUT` or
 * `NOT_FOUND`, saying what the module has.
 */
export async function loadTarget(module: string, { cwd, exportName, options }: TargetOptions): Promise<DriverTarget> {
  const exports = await importModule(module, cwd)
  const found = choose(module, exports, exportName)
  const target = isDriver(found) ? { driver: found, options: {} } : found
  return options === undefined ? target : { ...target, ...withSecret(options) }
}

/** A driver is given its password as a `Secret`, and the cases see to it that no error repeats it. */
function withSecret(options: unknown): Pick<DriverTarget, 'options' | 'secrets'> {
  if (typeof options !== 'object' || options === null || !('password' in options)) return { options }
  const { password } = options
  if (typeof password !== 'string' || password === '') return { options }
  return { options: { ...options, password: new Secret(password) }, secrets: [password] }
}

function choose(module: string, exports: Exports, name: string | undefined): AnyDriver | DriverTarget {
  if (name !== undefined) {
    const value = exports[name]
    if (isDriver(value) || isTarget(value)) return value
    const problem =
      name in exports ? `${module} exports ${name}, but it is no driver and no target` : `${module} exports no ${name}`
    throw invalidInput([{ field: '--export', problem, hint: `it exports ${namesOf(exports)}` }])
  }
  if (isTarget(exports['target'])) return exports['target']
  const drivers = Object.entries(exports).filter((entry): entry is [string, AnyDriver] => isDriver(entry[1]))
  // One driver may go by two names: its own and `default`.
  const [only, ...others] = new Set(drivers.map(([, driver]) => driver))
  if (only && others.length === 0) return only
  if (only) {
    const hint = `choose with --export: ${drivers.map(([each]) => each).join(', ')}`
    throw invalidInput([{ field: '--export', problem: `${module} exports several drivers`, hint }])
  }
  throw invalidInput(
    [{ field: 'module', problem: `${module} exports no driver`, hint: `it exports ${namesOf(exports)}` }],
    'Export what defineDriver({ spec: 1, name, options, connect }) answers, or a `target` with driver and options.',
  )
}

function isDriver(value: unknown): value is AnyDriver {
  if (typeof value !== 'object' || value === null) return false
  const { spec, name, connect, options } = value as Exports
  return spec === 1 && typeof name === 'string' && typeof connect === 'function' && typeof options === 'object'
}

function isTarget(value: unknown): value is DriverTarget {
  return typeof value === 'object' && value !== null && 'driver' in value && isDriver(value.driver)
}

function namesOf(exports: Exports): string {
  const names = Object.keys(exports).toSorted()
  return names.length === 0 ? 'nothing' : names.join(', ')
}

async function importModule(module: string, cwd: string): Promise<Exports> {
  const url = urlOf(module, cwd)
  try {
    return (await import(url)) as Exports
  } catch (error) {
    throw new VirtkitError('INVALID_INPUT', 'The module cannot be loaded.', {
      details: {
        problems: [
          {
            field: 'module',
            problem: `${module} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
          },
        ],
      },
      hint: 'Run it with node alone to see why; TypeScript runs as it is where it has no enums, namespaces or parameter properties.',
      cause: error,
    })
  }
}

/** A file, else a package as the folder that we are called in finds it, else as we find it ourselves. */
function urlOf(module: string, cwd: string): string {
  const path = resolve(cwd, module)
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return pathToFileURL(path).href
  try {
    return pathToFileURL(createRequire(join(cwd, 'package.json')).resolve(module)).href
  } catch {
    if (!/^\.{0,2}\//.test(module)) return module
    throw new VirtkitError('NOT_FOUND', `There is no module ${path}.`, {
      details: { what: 'module', id: path },
      hint: 'Name the file of the driver, or its package.',
    })
  }
}

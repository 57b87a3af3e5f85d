import { copyleft, driverNames, fileSizes, forbiddenNames } from '../house-rules.ts'
import type { Finding } from './finding.ts'
import { isTest, sourcesOf, workspaceOf, type Tree } from './sources.ts'

/** Nobody but the driver itself, faces and tests names a kind of hypervisor. */
export function driverNamesStayHome(tree: Tree): Finding {
  const sources = sourcesOf(tree, driverNames.files, driverNames.except)
  const breaches = sources.flatMap(({ path, strings }) =>
    strings
      .filter((text) => Object.hasOwn(driverNames.home, text.toLowerCase()))
      .filter((text) => workspaceOf(path) !== `packages/${driverNames.home[text.toLowerCase()]}`)
      .map((text) => `${path} names '${text}', but ${driverNames.because}`),
  )
  return { checked: sources.length, breaches }
}

export function fileSizesHold(tree: Tree): Finding {
  const sizes = sourcesOf(tree, ['{packages,examples,test}/**'], fileSizes.exempt).map(({ path, text }) => ({
    path,
    lines: text.split('\n').length - 1,
  }))
  const breaches = sizes
    .filter(({ lines }) => lines > fileSizes.most)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${fileSizes.most}: ${fileSizes.because}`)
  const ofPackages = sizes
    .filter(({ path }) => path.startsWith('packages/') && !isTest(path))
    .map(({ lines }) => lines)
    .toSorted((a, b) => a - b)
  for (const [name, share, limit] of [
    ['median', 0.5, fileSizes.median],
    ['90th percentile', 0.9, fileSizes.ninetiethPercentile],
  ] as const) {
    const lines = ofPackages[Math.floor((ofPackages.length - 1) * share)] ?? 0
    if (lines > limit)
      breaches.push(`the ${name} of file sizes is ${lines} lines, more than ${limit}: ${fileSizes.because}`)
  }
  return { checked: ofPackages.length, breaches }
}

/** Names say what a file holds; `index.ts` stands only where a package has a door. */
export function namesSpeak(tree: Tree): Finding {
  const sources = sourcesOf(tree)
  const doors = new Set(
    [...tree].filter(([path]) => path.endsWith('package.json')).flatMap(([path, text]) => doorsOf(path, text)),
  )
  doors.add('packages/core/src/database/migrations/index.ts')
  const breaches = sources.flatMap(({ path }) => {
    const parts = path.split('/').slice(1)
    const names = parts.map((part) => part.replace(/\..*$/, ''))
    const vague = names
      .filter((name) => forbiddenNames.includes(name))
      .map((name) => `${path}: nothing is called "${name}" here; name what it holds`)
    const shape = parts
      .filter((part) => !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(part))
      .map((part) => `${path}: "${part}" is not kebab-case`)
    const door =
      parts.at(-1) === 'index.ts' && path.startsWith('packages/') && !doors.has(path)
        ? [`${path} is no door: name it after what it exports`]
        : []
    return [...vague, ...shape, ...door]
  })
  return { checked: sources.length, breaches }
}

function doorsOf(path: string, text: string): string[] {
  const folder = path.replace(/package\.json$/, '')
  const { exports = {} } = JSON.parse(text) as { exports?: Record<string, Record<string, string>> }
  return Object.values(exports)
    .flatMap((door) => door['@virtkit/source'] ?? [])
    .map((file) => folder + file.replace('./', ''))
}

interface LockEntry {
  readonly license?: string
  readonly link?: boolean
  readonly resolved?: string
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
}
const entriesOf = (tree: Tree): Record<string, LockEntry> =>
  (JSON.parse(tree.get('package-lock.json') ?? '{}') as { packages?: Record<string, LockEntry> }).packages ?? {}

/** Nothing under Apache-2.0 brings copyleft along, ours or others', however deep. */
export function licencesFit(tree: Tree): Finding {
  const entries = entriesOf(tree)
  const breaches: string[] = []
  let checked = 0
  for (const home of Object.keys(entries).filter((path) => /^packages\/[^/]+$/.test(path))) {
    if (!tree.has(`${home}/LICENSE`))
      breaches.push(`${home} has no LICENSE: npm packs only what lies in the package's own folder`)
    if (copyleft.test(entries[home]!.license ?? '')) continue
    const seen = new Set<string>()
    const visit = (path: string, trail: string): void => {
      const entry = entries[path]
      if (entry === undefined || seen.has(path)) return
      seen.add(path)
      checked += 1
      const licence = entry.license ?? ''
      if (copyleft.test(licence) && !/\bOR\b/.test(licence))
        breaches.push(`${trail} is under ${licence}: a package that needs it says so and stands alone`)
      for (const name of Object.keys({ ...entry.dependencies, ...entry.peerDependencies, ...entry.optionalDependencies })) {
        const next = resolveInstalled(entries, path, name)
        if (next) visit(next, `${trail} → ${name}`)
      }
    }
    visit(home, home)
  }
  return { checked, breaches }
}

/** What is under copyleft is reached by those only who have installed it: nothing else here depends on it or imports it. */
export function copyleftStandsAlone(tree: Tree): Finding {
  const manifests = [...tree].flatMap(([path, text]) => {
    if (!path.endsWith('/package.json')) return []
    const manifest = JSON.parse(text) as LockEntry & { name?: string; devDependencies?: Record<string, string> }
    return [{ path, home: path.replace(/\/package\.json$/, ''), manifest }]
  })
  const alone = manifests.filter(({ manifest }) => copyleft.test(manifest.license ?? ''))
  const names = alone.map(({ manifest }) => manifest.name ?? '')
  const homes = alone.map(({ home }) => `${home}/`)
  const reached = (name: string): string | undefined => names.find((each) => name === each || name.startsWith(`${each}/`))
  const others = manifests.filter(({ path }) => !homes.some((home) => path.startsWith(home)))
  const declared = others.flatMap(({ path, manifest }) => {
    const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest
    const all = Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies })
    return all.filter(reached).map((name) => `${path} declares ${name}, which is under copyleft`)
  })
  const imported = sourcesOf(tree)
    .filter(({ path }) => !homes.some((home) => path.startsWith(home)))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => reached(specifier))
        .map(
          ({ specifier }) => `${path} imports ${specifier}, which is under copyleft: it is found at run time or not at all`,
        ),
    )
  return { checked: alone.length, breaches: [...declared, ...imported] }
}

/** Where Node finds `name` from the package at `path`; a link leads to the workspace behind it. */
function resolveInstalled(entries: Record<string, LockEntry>, path: string, name: string): string | undefined {
  for (let from = path; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/')))) {
    const candidate = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`
    const entry = entries[candidate]
    if (entry) return entry.link ? entry.resolved : candidate
    if (from === '') return undefined
  }
}

/** The lock file holds for every registry: what we install is told by version and checksum, not by a host's name. */
export function lockNamesNoHost(tree: Tree): Finding {
  const entries = Object.entries(entriesOf(tree))
  const breaches = entries
    .filter(([, entry]) => entry.resolved?.includes('://'))
    .map(
      ([path]) =>
        `package-lock.json: ${path} names a host; .npmrc says omit-lockfile-registry-resolved=true, install again`,
    )
  return { checked: entries.length, breaches }
}

/**
 * Everything that is asked for is locked, for other systems too: `npm ci` refuses a lock file with holes, and npm leaves
 * them without a word where a registry lacks a package for a system that is not ours.
 */
export function lockIsWhole(tree: Tree): Finding {
  const entries = entriesOf(tree)
  const asked = Object.entries(entries).flatMap(([path, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }).map((name) => ({ path, name })),
  )
  const breaches = asked
    .filter(({ path, name }) => resolveInstalled(entries, path, name) === undefined)
    .map(
      ({ path, name }) =>
        `package-lock.json: ${name}, which ${path} asks for, has no entry: choose a version that is there for all`,
    )
  return { checked: asked.length, breaches }
}

import { coreFloors, maySeeAllFloors, oddDoors, packageRules, roomRules, type RoomRule } from '../house-rules.ts'
import type { Finding } from './finding.ts'
import type { Import } from './scan.ts'
import { isTest, matches, packageOf, resolveFrom, sourcesOf, workspaceOf, type Source, type Tree } from './sources.ts'

/** Packages import what the plan allows and their manifest declares, through doors only. */
export function packageImports(tree: Tree): Finding {
  const sources = sourcesOf(tree, ['{packages,examples,test,bench,docs}/**'])
  const breaches = sources.flatMap((source) =>
    source.imports.flatMap(({ specifier, line }) => {
      const complaint = complaintAbout(tree, source, specifier)
      return complaint ? [`${source.path}:${line} ${complaint}`] : []
    }),
  )
  const unplanned = [...tree.keys()]
    .flatMap((path) => /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1] ?? [])
    .filter((name) => !(name in packageRules))
  breaches.push(...unplanned.map((name) => `packages/${name} is not on the plan: give it a line in test/house-rules.ts`))
  return { checked: sources.reduce((sum, source) => sum + source.imports.length, 0), breaches }
}

function complaintAbout(tree: Tree, { path }: Source, specifier: string): string | undefined {
  const home = workspaceOf(path)
  if (specifier.startsWith('.')) {
    return workspaceOf(resolveFrom(path, specifier)) === home
      ? undefined
      : `reaches into another workspace (${specifier}): use its door`
  }
  const wanted = packageOf(specifier)
  if (/\/(src|dist)\//.test(specifier) && !oddDoors.includes(specifier))
    return `goes past the door of ${wanted} (${specifier})`
  const rule = packageRules[home.replace('packages/', '')]
  if (!home.startsWith('packages/') || rule === undefined) return undefined
  const allowed = [
    ...rule.mayImport,
    ...(isTest(path) ? (rule.testsMayImport ?? []) : []),
    `@virtkit/${home.replace('packages/', '')}`,
  ]
  if (!allowed.includes(wanted)) return `imports ${specifier}, but ${rule.because}`
  if (wanted !== 'node:*' && !isTest(path) && !declared(tree, home).has(wanted))
    return `imports ${wanted}, which ${home}/package.json does not declare`
  return undefined
}

function declared(tree: Tree, home: string): Set<string> {
  const manifest = JSON.parse(tree.get(`${home}/package.json`) ?? '{}') as Record<
    string,
    Record<string, string> | undefined
  > & { name?: string }
  const names = ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  )
  return new Set([...names, String(manifest.name)])
}

/** What rooms keep out, rule by rule. */
export function roomImports(tree: Tree, rules: readonly RoomRule[] = roomRules): Finding {
  const breaches: string[] = []
  let checked = 0
  for (const rule of rules) {
    const sources = sourcesOf(tree, rule.files, rule.except)
    for (const pattern of rule.files) {
      if (!sources.some(({ path }) => matches(path, [pattern])))
        breaches.push(`"${rule.name}" finds no file like ${pattern}`)
    }
    checked += sources.length
    for (const { path, imports, code } of sources) {
      for (const { specifier, line } of imports) {
        if (matches(specifier, rule.mayNotImport ?? []))
          breaches.push(`${path}:${line} imports ${specifier}, but ${rule.because}`)
      }
      for (const words of rule.mayNotSay ?? [])
        if (words.test(code)) breaches.push(`${path} says ${words.exec(code)![0].trim()}, but ${rule.because}`)
    }
  }
  return { checked, breaches }
}

const coreRoom = (path: string): string | undefined => /^packages\/core\/src\/([^/]+)\//.exec(path)?.[1]

/** In core, rooms import downward, never from the front door, and never another room's SQL. */
export function coreRooms(tree: Tree): Finding {
  const floorOf = new Map(coreFloors.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)))
  const breaches = new Set<string>()
  let checked = 0
  for (const { path, imports } of sourcesOf(tree, ['packages/core/src/*/**'])) {
    const room = coreRoom(path)!
    const floor = floorOf.get(room)
    if (floor === undefined)
      breaches.add(`packages/core/src/${room} stands on no floor: give it one in test/house-rules.ts`)
    if (floor === undefined || isTest(path)) continue
    for (const { specifier, line } of imports.filter((found) => found.specifier.startsWith('.'))) {
      const target = resolveFrom(path, specifier)
      const there = coreRoom(target)
      checked += 1
      const isExempt = maySeeAllFloors.some((exempt) => matches(path, [exempt.file]) && matches(target, [exempt.sees]))
      if (there === undefined)
        breaches.add(`${path}:${line} imports the front door (${specifier}): rooms do not know who composes them`)
      else if (!isExempt && (floorOf.get(there) ?? 0) > floor)
        breaches.add(`${path}:${line} imports upward, from ${room} to ${there}`)
      if (there !== room && /\/sql-[^/]+\.ts$/.test(target))
        breaches.add(`${path}:${line} imports ${target}: rooms talk through the interface, not through each other's SQL`)
    }
  }
  return { checked, breaches: [...breaches] }
}

/** No file imports itself by way of others. Types do not count: they are gone when the program runs. */
export function importCycles(tree: Tree): Finding {
  const graph = new Map(sourcesOf(tree).map(({ path, imports }) => [path, neighbours(path, imports)]))
  const done = new Set<string>()
  const breaches: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path))
      return void breaches.push(`a circle of imports: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`)
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return { checked: [...graph.values()].flat().length, breaches }
}

const neighbours = (path: string, imports: readonly Import[]): string[] =>
  imports
    .filter(({ specifier, isType }) => !isType && specifier.startsWith('.'))
    .map(({ specifier }) => resolveFrom(path, specifier))

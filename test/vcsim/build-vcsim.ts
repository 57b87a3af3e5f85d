import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findVcsimSources, type VcsimSources } from './find-vcsim-sources.ts'

export interface BuiltVcsim {
  /** The simulated vCenter or ESXi. */
  readonly server: string
  /** Lists all machines with govmomi: `list-machines URL PAGE`. */
  readonly listMachines: string
  /** The schema of SOAP requests; it includes `vim25.xsd` beside it. */
  readonly schema: string
}

const home = fileURLToPath(new URL('.', import.meta.url))
const programs = ['server', 'list-machines'] as const

/**
 * Builds the peer, or finds it built: one folder for each combination of Go, govmomi and sources, in
 * `VIRTKIT_VCSIM_CACHE`, else in the user's cache directory. Any number of processes can ask at once; one builds.
 */
export async function buildVcsim(): Promise<BuiltVcsim> {
  const sources = findVcsimSources()
  if ('missing' in sources) throw new Error(`${sources.missing}: the vSphere peer cannot be built`)
  const cache = process.env.VIRTKIT_VCSIM_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'virtkit')
  const folder = join(cache, `vcsim-${keyOf(sources)}`)
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true })
    // The system gives the lock back when its holder ends, however it ends.
    const command = ['--close', join(cache, 'vcsim.lock'), process.execPath, fileURLToPath(import.meta.url), folder]
    await promisify(execFile)('flock', command)
  }
  return {
    server: join(folder, 'server'),
    listMachines: join(folder, 'list-machines'),
    schema: join(folder, 'requests.xsd'),
  }
}

function keyOf(sources: VcsimSources): string {
  const hash = createHash('sha256').update(sources.versions)
  for (const program of programs)
    for (const file of readdirSync(join(home, program)).toSorted())
      hash.update(`\0${program}/${file}\0`).update(readFileSync(join(home, program, file)))
  for (const file of ['build-vcsim.ts', 'requests.xsd']) hash.update(readFileSync(join(home, file)))
  return hash.digest('hex').slice(0, 16)
}

/** Runs alone, under the lock. The folder appears at once, with everything in it. */
function build(sources: VcsimSources, folder: string): void {
  if (existsSync(folder)) return
  const work = mkdtempSync(`${folder}.`)
  try {
    const made = join(work, 'made')
    mkdirSync(made)
    const overlay = writeOverlay(sources.govmomi, work)
    for (const program of programs) {
      const from = join(work, program)
      cpSync(join(home, program), from, { recursive: true })
      if (program === 'server') writeFileSync(join(from, 'names.go'), namesIn(sources.govmomi))
      execFileSync(
        sources.go,
        ['build', '-trimpath', '-overlay', overlay, '-ldflags', '-s -w', '-o', join(made, program), '.'],
        {
          cwd: from,
          env: {
            PATH: process.env.PATH,
            HOME: work,
            CGO_ENABLED: '0',
            GO111MODULE: 'off',
            GOFLAGS: '',
            GOTOOLCHAIN: 'local',
            GOPATH: sources.goPath,
            GOCACHE: process.env.GOCACHE ?? join(work, 'objects'),
          },
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      )
    }
    writeFileSync(join(made, 'vim25.xsd'), execFileSync(join(made, 'server'), ['xsd'], { maxBuffer: 2 ** 26 }))
    cpSync(join(home, 'requests.xsd'), join(made, 'requests.xsd'))
    renameSync(made, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** What of the simulator is built otherwise than Debian has it. */
const changes: readonly { readonly file: string; readonly from: string; readonly to: string; readonly after?: string }[] = [
  // It looks for changes four times a second, and whoever waits for a task would wait for that look.
  {
    file: 'property_collector.go',
    from: 'time.NewTicker(250 * time.Millisecond)',
    to: 'time.NewTicker(10 * time.Millisecond)',
  },
  // A machine is in its folder before it has a configuration, for as long as a test says; it would be searched for in that.
  {
    file: 'virtual_machine.go',
    from: 'folderPutChild(ctx, f, vm)\n',
    to: 'folderPutChild(ctx, f, vm)\n\ttime.Sleep(Bare)\n',
    after: `
var Bare time.Duration
`,
  },
  {
    file: 'search_index.go',
    from: 'vm, ok := asVirtualMachineMO(obj)\n\t\t\tif !ok {',
    to: 'vm, ok := asVirtualMachineMO(obj)\n\t\t\tif !ok || vm.Config == nil {',
  },
  // Who tells a collector of an event holds the manager's lock and waits for the collector's; these two calls take them the other way
  // round, and then the server answers nobody any more.
  {
    file: 'event_manager.go',
    from: 'ctx.WithLock(c.m, func() {',
    to: 'c.managerFirst(ctx, func() {',
    after: `
func (c *EventHistoryCollector) managerFirst(ctx *Context, f func()) {
	own := Map.locker(c)
	own.Unlock()
	ctx.WithLock(c.m, func() {
		own.Lock()
		f()
	})
}
`,
  },
]

function writeOverlay(govmomi: string, work: string): string {
  const replaced = changes.map(({ file, from, to, after = '' }) => {
    const original = join(govmomi, 'simulator', file)
    const text = readFileSync(original, 'utf8')
    if (!text.includes(from)) throw new Error(`${original} is not the one that this was written for`)
    const changed = join(work, file)
    writeFileSync(changed, text.replaceAll(from, to) + after)
    return [original, changed]
  })
  const overlay = join(work, 'overlay.json')
  writeFileSync(overlay, JSON.stringify({ Replace: Object.fromEntries(replaced) }))
  return overlay
}

/** What Go's reflection cannot list: which types, methods and values of enumerations there are. */
function namesIn(govmomi: string): string {
  const read = (file: string): string => readFileSync(join(govmomi, 'vim25', file), 'utf8')
  const types = ['types/types.go', 'types/enum.go', 'types/if.go'].map(read).join('\n')
  const names = new Set([...types.matchAll(/^\tt\["(\w+)"\]/gm)].map(([, name]) => name!))
  const methods = [...read('methods/methods.go').matchAll(/^type (\w+)Body struct/gm)].map(([, name]) => name!)
  const values = new Map<string, string[]>()
  for (const [, type, value] of read('types/enum.go').matchAll(/^\t\w+\s*= (\w+)\("([^"]*)"\)/gm))
    values.set(type!, [...(values.get(type!) ?? []), value!])
  const lines = [
    'package main',
    'import ("reflect"; "github.com/vmware/govmomi/vim25/methods")',
    'var typeNames = []string{',
    ...[...names].map((name) => `"${name}",`),
    '}',
    'var bodies = map[string]reflect.Type{',
    ...methods.map((name) => `"${name}": reflect.TypeOf(methods.${name}Body{}),`),
    '}',
    'var enumerations = map[string][]string{',
    ...[...values].map(([type, list]) => `"${type}": {${list.map((value) => `"${value}"`).join(', ')}},`),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sources = findVcsimSources()
  const [folder] = process.argv.slice(2)
  if ('missing' in sources) console.log(`not built: ${sources.missing}`)
  else if (folder === undefined) console.log(`built: ${(await buildVcsim()).server}`)
  else build(sources, folder)
}

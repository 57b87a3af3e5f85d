import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { buildVcsim } from './build-vcsim.ts'
import type { Denial, Guest, RecordedRequest, Rule, StandingRule, VcsimOptions } from './vcsim-options.ts'
import { validateBodies } from './validate-requests.ts'

export type { Action, Denial, Guest, RecordedRequest, Rule, StandingRule, VcsimOptions } from './vcsim-options.ts'

/** A running simulated vCenter or ESXi, and what a test can do to it. */
export interface Vcsim extends AsyncDisposable {
  /** Where SOAP is spoken: `https://127.0.0.1:port/sdk`. */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** PEM. The server's certificate is its own authority. */
  readonly caCertificate: string
  readonly pid: number
  /** How many sessions live on the server. */
  sessions(): Promise<number>
  /** The most that there were at a time. */
  mostSessions(): Promise<number>
  /** Ends every session; answers how many there were. Clients learn it from their next call. */
  expireSessions(): Promise<number>
  /** From now on this happens to calls of these methods; answers the rule's id. */
  addRule(rule: Rule): Promise<number>
  /** All rules, with how often each was used. */
  rules(): Promise<readonly StandingRule[]>
  /** Removes one rule, or all. */
  removeRules(id?: number): Promise<void>
  /** Tells what runs inside a machine. */
  setGuest(guest: Guest): Promise<void>
  /** The privileges that the user lacks, instead of those said before. */
  denyPrivileges(denials: readonly Denial[]): Promise<void>
  /** Fills a datastore or empties it again: machines, disks and uploads are refused while it is full. */
  fillDatastore(name: string, full?: boolean): Promise<void>
  /** Leaves a file on a datastore that was last written to so long ago. */
  leaveFile(datastore: string, path: string, agoMs: number): Promise<void>
  /** The paths of all files of a datastore. */
  files(datastore: string): Promise<readonly string[]>
  /** How many slow tasks run. */
  runningTasks(): Promise<number>
  /** How often each method was called; uploads are `PUT /folder`. */
  counts(): Promise<Readonly<Record<string, number>>>
  /** Every SOAP request so far, oldest first. */
  requests(): Promise<readonly RecordedRequest[]>
  /** Holds every request so far against the schema and answers how many there were. Throws on an invalid one and on none. */
  validateRequests(): Promise<number>
  close(): Promise<void>
}

/** Starts a peer on 127.0.0.1. It ends with this process, however this process ends. The first start builds it. */
export async function startVcsim(options: VcsimOptions = {}): Promise<Vcsim> {
  const { server, schema } = await buildVcsim()
  const { user = 'administrator@vsphere.local', password = 'a <secret> & more' } = options
  const program = spawn(server, { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(program, 'close')
  let said = ''
  program.stderr.on('data', (chunk: Buffer) => (said += chunk))
  program.stdin.on('error', () => {}) // it ended before it read; `ended` tells
  program.stdin.write(`${JSON.stringify({ ...defaults, ...options, user, password })}\n`)
  const first = once(createInterface({ input: program.stdout }), 'line')
  const line = await Promise.race([first.then(([text]) => String(text)), ended.then(() => undefined)])
  if (line === undefined) throw new Error(`vcsim could not be started: ${said.trim()}`)
  const { control, ...ready } = JSON.parse(line) as { url: string; caCertificate: string; pid: number; control: string }
  const { hostname, port } = new URL(ready.url)

  const ask = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(
      `${control}/${path}`,
      body === undefined ? { method } : { method, body: JSON.stringify(body) },
    )
    const answer = (await response.json()) as Answer & { error?: string }
    if (!response.ok) throw new Error(`vcsim refuses: ${answer.error}`)
    return answer
  }
  const close = async (): Promise<void> => {
    program.stdin.end()
    await ended
  }
  const requests = (): Promise<RecordedRequest[]> => ask('GET', 'requests')
  return {
    ...ready,
    user,
    password,
    host: hostname,
    port: Number(port),
    sessions: async () => (await ask<{ live: number }>('GET', 'sessions')).live,
    mostSessions: async () => (await ask<{ most: number }>('GET', 'sessions')).most,
    expireSessions: () => ask('DELETE', 'sessions'),
    addRule: async ({ methods, skip = 0, times = 0, ...action }) => {
      const { id } = await ask<{ id: number }>('POST', 'rules', { methods, skip, times, action })
      return id
    },
    rules: () => ask('GET', 'rules'),
    removeRules: async (id = 0) => void (await ask('DELETE', `rules?id=${id}`)),
    setGuest: (guest) => ask('POST', 'guests', guest),
    denyPrivileges: (denials) => ask('POST', 'privileges', denials),
    fillDatastore: async (name, full = true) =>
      void (await ask('POST', `datastores?name=${encodeURIComponent(name)}&full=${full}`, {})),
    leaveFile: async (datastore, path, agoMs) =>
      void (await ask('PUT', `datastores?${new URLSearchParams({ name: datastore, path, ago: String(agoMs) })}`, {})),
    files: (datastore) => ask('GET', `datastores?name=${encodeURIComponent(datastore)}`),
    runningTasks: () => ask('GET', 'tasks'),
    counts: () => ask('GET', 'counts'),
    requests,
    validateRequests: async () => validateBodies(await requests(), schema),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const defaults = {
  model: 'vcenter',
  machines: 0,
  poweredOn: true,
  datacenters: 1,
  hosts: 2,
  standaloneHosts: 0,
  pools: 0,
  datastores: 1,
  portGroups: 1,
  pageLimit: 0,
  taskMs: 0,
  bareMs: 0,
  idleMs: 0,
  record: true,
} satisfies VcsimOptions

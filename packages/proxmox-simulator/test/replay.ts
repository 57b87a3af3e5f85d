import { setTimeout as sleep } from 'node:timers/promises'
import { type ProxmoxSimulator, startProxmoxSimulator } from '../src/index.ts'
import { differences } from './compare.ts'
import { recordedWorld, tokenSecret } from './recorded-world.ts'
import { type Exchange, type Line, readRecording } from './recording.ts'

export interface Replayed {
  /** Line of the recording, and the request in short. */
  readonly what: string
  readonly problems: readonly string[]
}

/** Runs a recording against a simulator, exchange by exchange, and says where it answered otherwise. */
export async function replay(release: '8.4' | '9.2'): Promise<Replayed[]> {
  await using simulator = await startProxmoxSimulator({
    ...recordedWorld(release),
    tls: false,
    pace: 0.001,
    resourcesLagMs: 1e9,
  })
  if (release === '9.2') simulator.world.machines.delete(100)
  const lines = readRecording(release)
  const walk = new Walk(simulator)
  const results: Replayed[] = []
  for (const [index, line] of lines.entries()) {
    const problems = await walk.step(line)
    if (problems) results.push({ what: `${index + 1}: ${inShort(line)}`, problems })
  }
  return results
}

function inShort(line: Line): string {
  if ('method' in line) return `${line.method} ${line.path} ${JSON.stringify(line.params ?? {})}`.slice(0, 160)
  return 'task' in line ? `task ${line.task}` : JSON.stringify(line)
}

class Walk {
  readonly #simulator: ProxmoxSimulator
  /** What the recorded server made up, and what ours made up in its place. */
  readonly #ours = new Map<string, string>()
  #last = ''
  #digest = ''

  constructor(simulator: ProxmoxSimulator) {
    this.#simulator = simulator
  }

  async step(line: Line): Promise<string[] | undefined> {
    if ('section' in line) return undefined
    if ('box' in line) return this.#byHand(line.box)
    if ('task' in line) return this.#task(line)
    // The status daemon of the recorded server looked here for the last time before the lists that follow.
    if (line.params?.['memory'] === 256) this.#simulator.refreshResources()
    if (line.params?.['limit'] === 50) this.#simulator.refreshResources()
    if (line.path.endsWith('/status') && line.path.includes('/tasks/') && line.status === 200) await this.#ended(line)
    const digest = line.params?.['digest']
    if (digest !== undefined && !this.#ours.has(String(digest))) this.#ours.set(String(digest), this.#digest)
    const answer = await this.#ask(line)
    return this.#compare(line, answer)
  }

  #compare(line: Exchange, answer: { status: number; reason: string; type: string | null; body: unknown }): string[] {
    const problems: string[] = []
    if (answer.status !== line.status) problems.push(`status ${line.status} in the recording, ${answer.status} here`)
    if (answer.reason !== line.reason) problems.push(`reason '${line.reason}' in the recording, '${answer.reason}' here`)
    if (line.type !== undefined && answer.type !== line.type) problems.push(`content type ${answer.type}`)
    if (line.body !== undefined) {
      problems.push(...differences(line.body, answer.body))
      this.#learn(line.body, answer.body)
    }
    // Where the recording cut a configuration off, its digest is the first that the next change names.
    if (line.body === undefined && isData(answer.body)) this.#digest = digestIn(answer.body.data) ?? this.#digest
    const text = JSON.stringify(answer.body)
    for (const name of line.names ?? []) if (!text.includes(`"${name}":`)) problems.push(`${name}: missing`)
    if (isData(answer.body) && typeof answer.body.data === 'string') this.#last = answer.body.data
    return problems
  }

  /** Remembers digests and task ids, which later requests name. */
  #learn(recorded: unknown, ours: unknown): void {
    if (typeof recorded === 'string' && typeof ours === 'string') {
      if (/^(?:UPID:.*|[0-9a-f]{40})$/.test(recorded)) this.#ours.set(recorded, ours)
    } else if (typeof recorded === 'object' && recorded !== null && typeof ours === 'object' && ours !== null) {
      const [left, right] = [recorded as Record<string, unknown>, ours as Record<string, unknown>]
      const current = (list: unknown): unknown =>
        Array.isArray(list) ? list.find((item) => item?.name === 'current') : undefined
      if (Array.isArray(recorded)) this.#learn(current(recorded), current(ours))
      else for (const key of Object.keys(left)) this.#learn(left[key], right[key])
    }
  }

  async #ended({ path }: Exchange): Promise<void> {
    const upid = this.#pathOf(path).split('/')[4] ?? ''
    await untilEnded(this.#simulator, decodeURIComponent(upid))
  }

  async #task({ task, exit, log }: { task: string; exit: string; log: readonly string[] }): Promise<string[]> {
    const [type] = task.split(':')
    if (!this.#last.includes(`:${type}:`)) return [`the last task was ${this.#last}`]
    const ours = await untilEnded(this.#simulator, this.#last)
    return differences({ exit, log }, { exit: ours.exitstatus, log: ours.log })
  }

  #byHand(command: string): undefined {
    const [, verb, vmid] = command.split(' ')
    const machine = this.#simulator.world.machines.get(Number(vmid))
    if (!machine) throw new Error(`no machine for: ${command}`)
    if (verb === 'unlock') delete machine.lock
    else machine.lock = command.split(' ').at(-1) ?? ''
    return undefined
  }

  #pathOf(path: string): string {
    const parts = path.split('/').map((part) => {
      const ours = this.#ours.get(decodeURIComponent(part))
      return ours === undefined ? part : encodeURIComponent(ours)
    })
    return parts.join('/')
  }

  async #ask({
    method,
    path,
    params = {},
  }: Exchange): Promise<{ status: number; reason: string; type: string | null; body: unknown }> {
    const words = Object.entries(params).map(([name, value]): [string, string] => [
      name,
      this.#ours.get(String(value)) ?? String(value),
    ])
    const query = new URLSearchParams(words)
    const inQuery = method === 'GET' || method === 'DELETE'
    const response = await fetch(
      `${this.#simulator.url}/api2/json${this.#pathOf(path)}${inQuery && words.length > 0 ? `?${query}` : ''}`,
      {
        method,
        headers: { authorization: `PVEAPIToken=root@pam!t1=${tokenSecret}` },
        ...(!inQuery && { body: query }),
      },
    )
    const text = await response.text()
    return {
      status: response.status,
      reason: response.statusText,
      type: response.headers.get('content-type'),
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
}

async function untilEnded(
  simulator: ProxmoxSimulator,
  upid: string,
): Promise<{ exitstatus?: string; log: readonly string[] }> {
  for (;;) {
    const task = simulator.tasks.get(upid)
    if (task.exitstatus !== undefined) return task
    await sleep(2)
  }
}

const isData = (body: unknown): body is { data: unknown } => typeof body === 'object' && body !== null && 'data' in body

const digestIn = (data: unknown): string | undefined => {
  const digest = typeof data === 'object' && data !== null && 'digest' in data ? data.digest : undefined
  return typeof digest === 'string' ? digest : undefined
}

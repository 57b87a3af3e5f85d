import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ProxmoxSimulator, startProxmoxSimulator } from '@virtkit/proxmox-simulator'

export interface FleetResult {
  readonly asked: number
  /** Machines that carry a mark of the fleet with their own number. */
  readonly marked: number
  readonly duplicates: readonly string[]
  /** Keys whose machine is not the one that they were told, or carries another's mark. */
  readonly wrong: readonly string[]
  readonly stolen: number
  /** How many of the thief's machines are not as he made them. */
  readonly harmed: number
  readonly idCallsPerMachine: number
}

const secret = 'f1ee7000-0000-4000-8000-00000000f1ee'
const worker = fileURLToPath(new URL('fleet-process.ts', import.meta.url))

/** So many processes make so many machines each, while somebody takes numbers at random and answers get lost. */
export async function runFleet(processes: number, machines: number, width: number): Promise<FleetResult> {
  const asked = processes * machines
  // Narrow, so that the two meet often.
  const range = { from: 1000, to: 1000 + asked * 3 }
  await using simulator = await startProxmoxSimulator({
    pace: 0.01,
    tls: false,
    users: [{ userid: 'root@pam', tokens: [{ tokenid: 'fleet', secret, privsep: false }] }],
  })
  const path = '/nodes/{node}/qemu'
  for (let each = 1; each <= Math.max(2, asked / 40); each += 1) {
    const after = each * 30
    simulator.faults.add({ method: 'POST', path, kind: 'answer-lost', times: 1, after })
    simulator.faults.add({ method: 'POST', path, kind: 'timed-out-done', times: 1, after: after + 7 })
    simulator.faults.add({ method: 'POST', path, kind: 'timed-out-done-later', ms: 20_000, times: 1, after: after + 13 })
  }
  const over = new AbortController()
  const thief = steal(simulator, range, over.signal)
  const told = await Promise.all(
    Array.from({ length: processes }, async (_, index) => {
      const args = [simulator.url, secret, `p${index}`, machines, width, range.from, range.to].map(String)
      const node = ['--conditions=@virtkit/source', '--no-warnings', worker, ...args]
      const { stdout } = await promisify(execFile)(process.execPath, node, { maxBuffer: 2 ** 26 })
      return JSON.parse(stdout) as { keys: string[]; refs: string[]; again: string[]; idCalls: number }
    }),
  )
  over.abort()
  const theirs = await thief
  return audit(simulator, asked, told, theirs)
}

function audit(
  { world }: ProxmoxSimulator,
  asked: number,
  told: readonly { keys: string[]; refs: string[]; again: string[]; idCalls: number }[],
  theirs: ReadonlyMap<number, string>,
): FleetResult {
  const mark = /^virtkit: (\d+) (fleet:\S+)$/m
  const byKey = new Map<string, number[]>()
  for (const [vmid, { config }] of world.machines) {
    const [, id, key] = mark.exec(config.get('description') ?? '') ?? []
    if (key !== undefined && Number(id) === vmid) byKey.set(key, [...(byKey.get(key) ?? []), vmid])
  }
  const pairs = told.flatMap(({ keys, refs, again }) =>
    keys.map((key, index) => ({ key, ref: refs[index], again: again[index] })),
  )
  return {
    asked,
    marked: [...byKey.values()].flat().length,
    duplicates: [...byKey].filter(([, ids]) => ids.length > 1).map(([key]) => key),
    wrong: pairs
      .filter(({ key, ref, again }) => ref !== again || !byKey.get(key)?.includes(Number(ref)))
      .map(({ key }) => key),
    stolen: theirs.size,
    harmed: [...theirs].filter(([vmid, text]) => world.machines.get(vmid)?.config.get('description') !== text).length,
    idCallsPerMachine: told.reduce((sum, { idCalls }) => sum + idCalls, 0) / asked,
  }
}

/** Takes numbers as others do who know nothing of us; now and then with one of our descriptions, as who copies a machine. */
async function steal(
  simulator: ProxmoxSimulator,
  { from, to }: { from: number; to: number },
  over: AbortSignal,
): Promise<ReadonlyMap<number, string>> {
  const theirs = new Map<number, string>()
  const headers = { authorization: `PVEAPIToken=root@pam!fleet=${secret}` }
  const url = `${simulator.url}/api2/json/nodes/pve1/qemu`
  while (!over.aborted) {
    const vmid = randomInt(from, to + 1)
    const ours = [...simulator.world.machines.values()].map(({ config }) => config.get('description') ?? '')
    const copied = ours.findLast((text) => text.startsWith('virtkit: '))
    const description = randomInt(4) === 0 && copied !== undefined ? copied : `theirs ${vmid}`
    try {
      const body = new URLSearchParams({ vmid: String(vmid), memory: '16', description })
      const taken = await fetch(url, { method: 'POST', headers, body })
      if (taken.ok) theirs.set(vmid, description)
      await taken.arrayBuffer()
      const [oldest] = theirs.keys()
      if (oldest !== undefined && theirs.size > 20 && randomInt(3) === 0) {
        const gone = await fetch(`${url}/${oldest}`, { method: 'DELETE', headers })
        await gone.arrayBuffer()
        if (gone.ok) theirs.delete(oldest)
      }
    } catch {
      // An answer was lost, of his this time: what he made then is nobody's.
    }
    await new Promise((resolve) => setTimeout(resolve, randomInt(20)))
  }
  // What he has begun ends first.
  await new Promise((resolve) => setTimeout(resolve, 300))
  return theirs
}

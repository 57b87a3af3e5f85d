import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Figure, Row } from './figure.ts'

interface Measured {
  readonly machines: number
  readonly cpuS: number
  readonly peakMiB: number
  readonly wallS: number
}

/** What others do it with: Debian's python3-proxmoxer. */
const proxmoxer = '/usr/lib/python3/dist-packages/proxmoxer'

/**
 * Reading every machine of a cluster of Proxmox VE with its configuration, as an import does: the driver, a page of 500 at a time,
 * beside proxmoxer, which asks the same questions with as many threads. The cluster is simulated, in a process of its own.
 */
export const proxmoxImport: Figure = {
  name: 'proxmox-import',
  async run({ quick, report }) {
    const machines = quick ? 50 : 10_000
    const rounds = quick ? 1 : 3
    const cluster = start(process.execPath, [...process.execArgv, program('serve-cluster.ts'), String(machines)])
    try {
      const { url } = (await cluster.said()) as { url: string }
      const ours: Measured[] = []
      const theirs: Measured[] = []
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await measure(process.execPath, [...process.execArgv, program('read-all.ts'), url], machines))
        if (existsSync(proxmoxer)) theirs.push(await measure('/usr/bin/python3', [program('read-all.py'), url], machines))
        report(`proxmox-import: ${JSON.stringify(ours.at(-1))} beside ${JSON.stringify(theirs.at(-1))}`)
      }
      return [...rowsOf(machines, ours, theirs)]
    } finally {
      cluster.end()
    }
  },
}

function rowsOf(machines: number, ours: readonly Measured[], theirs: readonly Measured[]): Row[] {
  const row = { figure: 'proxmox-import', engine: '-', setting: `${machines} machines` } as const
  const ratio = (of: (measured: Measured) => number): { limit?: number; ratio?: number } =>
    theirs.length === 0
      ? {}
      : { limit: median(theirs.map(of)), ratio: median(ours.map((each, index) => of(each) / of(theirs[index] ?? each))) }
  const cpu = (each: Measured): number => each.cpuS
  const peak = (each: Measured): number => each.peakMiB
  return [
    {
      ...row,
      setting: `${row.setting}: processor`,
      value: median(ours.map(cpu)),
      unit: 's',
      ...ratio(cpu),
      target: { atMost: 1, of: theirs.length === 0 ? 'value' : 'ratio', ...(theirs.length === 0 && { atMost: 120 }) },
      note: theirs.length === 0 ? 'python3-proxmoxer is not installed' : 'beside proxmoxer',
    },
    {
      ...row,
      setting: `${row.setting}: memory`,
      value: median(ours.map(peak)),
      unit: 'MiB',
      ...ratio(peak),
      target: { atMost: 256, of: 'value' },
      note: 'most resident memory of the process',
    },
  ]
}

async function measure(command: string, args: readonly string[], machines: number): Promise<Measured> {
  const run = start(command, args)
  const measured = (await run.said()) as Measured
  run.end()
  if (measured.machines !== machines) throw new Error(`${command} read ${measured.machines} of ${machines} machines`)
  return measured
}

const program = (name: string): string => join(import.meta.dirname, 'proxmox-import', name)

function start(command: string, args: readonly string[]): { said(): Promise<unknown>; end(): void } {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    said: async () => {
      const line = await lines.next()
      if (line.done === true) throw new Error(`${command} ended without a word`)
      return JSON.parse(line.value)
    },
    end: () => void child.stdin.end(),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Row } from './figure.ts'
import { median } from './pairs.ts'

/** What it took a program to read every machine of a hypervisor. */
export interface Reading {
  readonly machines: number
  readonly cpuS: number
  readonly peakMiB: number
  readonly wallS: number
}

/** A program in a process of its own, which says what it has to say as lines of JSON and ends when its standard input does. */
export interface Program {
  said(): Promise<unknown>
  end(): void
}

export function startProgram(command: string, args: readonly string[]): Program {
  const child: ChildProcess = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return {
    said: async () => {
      const line = await lines.next()
      if (line.done === true) throw new Error(`${command} ended without a word`)
      return JSON.parse(line.value)
    },
    end: () => void child.stdin!.end(),
  }
}

/** What a program says when it is done. */
export async function outputOf(command: string, args: readonly string[]): Promise<unknown> {
  const run = startProgram(command, args)
  try {
    return await run.said()
  } finally {
    run.end()
  }
}

/** Throws for a reading that is not one of so many machines: then there is no figure. */
export function checkReading(reading: Reading, who: string, machines: number): Reading {
  if (reading.machines !== machines) throw new Error(`${who} read ${reading.machines} of ${machines} machines`)
  return reading
}

interface Readings {
  readonly figure: string
  readonly machines: number
  readonly ours: readonly Reading[]
  /** Of the same rounds; none where there is nothing to compare with. */
  readonly theirs: readonly Reading[]
  readonly note: string
  readonly most: { readonly cpuS: number; readonly peakMiB: number }
}

/** Processor and memory of the readings, each beside the others'. */
export function readingRows({ figure, machines, ours, theirs, note, most }: Readings): Row[] {
  const row = { figure, engine: '-' } as const
  const beside = (of: (reading: Reading) => number): { limit?: number; ratio?: number } =>
    theirs.length === 0
      ? {}
      : { limit: median(theirs.map(of)), ratio: median(ours.map((each, index) => of(each) / of(theirs[index] ?? each))) }
  const cpu = (reading: Reading): number => reading.cpuS
  const peak = (reading: Reading): number => reading.peakMiB
  return [
    {
      ...row,
      setting: `${machines} machines: processor`,
      value: median(ours.map(cpu)),
      unit: 's',
      ...beside(cpu),
      target: theirs.length === 0 ? { atMost: most.cpuS, of: 'value' } : { atMost: 1, of: 'ratio' },
      note,
    },
    {
      ...row,
      setting: `${machines} machines: memory`,
      value: median(ours.map(peak)),
      unit: 'MiB',
      ...beside(peak),
      target: { atMost: most.peakMiB, of: 'value' },
      note: 'most resident memory of the process',
    },
  ]
}

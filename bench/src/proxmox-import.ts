import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from './figure.ts'
import { type Reading, checkReading, outputOf, readingRows, startProgram } from './readings.ts'

/** What others do it with: Debian's python3-proxmoxer. */
const proxmoxer = '/usr/lib/python3/dist-packages/proxmoxer'

/**
 * Reading every machine of a cluster of Proxmox VE with its configuration, as an import does: the driver, a page of 500 at a time,
 * beside proxmoxer, which asks the same questions with as many threads. The cluster is simulated, in a process of its own.
 */
export const proxmoxImport: Figure = {
  name: 'proxmox-import',
  engines: [],
  async run({ quick, report }) {
    const machines = quick ? 50 : 10_000
    const rounds = quick ? 1 : 3
    const hasPeer = existsSync(proxmoxer)
    const cluster = startProgram(process.execPath, [...process.execArgv, program('serve-cluster.ts'), String(machines)])
    const read = async (command: string, args: readonly string[]): Promise<Reading> =>
      checkReading((await outputOf(command, args)) as Reading, command, machines)
    try {
      const { url } = (await cluster.said()) as { url: string }
      const ours: Reading[] = []
      const theirs: Reading[] = []
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await read(process.execPath, [...process.execArgv, program('read-all.ts'), url]))
        if (hasPeer) theirs.push(await read('/usr/bin/python3', [program('read-all.py'), url]))
        report(`proxmox-import: ${JSON.stringify(ours.at(-1))} beside ${JSON.stringify(theirs.at(-1))}`)
      }
      const note = hasPeer ? 'beside proxmoxer' : 'python3-proxmoxer is not installed'
      const most = { cpuS: 120, peakMiB: 256 }
      return readingRows({ figure: 'proxmox-import', machines, ours, theirs, note, most })
    } finally {
      cluster.end()
    }
  },
}

const program = (name: string): string => join(import.meta.dirname, 'proxmox-import', name)

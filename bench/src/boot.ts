import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fetchByHttp, fetchByTftp, installNeighbours, missingNeighbour, startNginx, startTftpd } from './boot/neighbours.ts'
import type { ServeBootInput, ServeBootOutput } from './boot/serve-boot.ts'
import type { BenchContext, Figure, Row } from './figure.ts'
import { type Side, measurePairs } from './pairs.ts'

const MiB = 2 ** 20

/**
 * What guests load, per second: by TFTP beside Debian's tftpd-hpa, which knows no windows, and by HTTP beside nginx. Clients are
 * Debian's atftp and curl on both sides.
 */
export const boot: Figure = {
  name: 'boot',
  engines: [],
  lacks: missingNeighbour,
  async run(context) {
    const missing = missingNeighbour()
    if (missing !== undefined) {
      context.report(`boot: left out, there is no ${missing}: ${installNeighbours}`)
      return []
    }
    const folder = mkdtempSync(join(tmpdir(), 'virtkit-bench-boot-'))
    try {
      return await measure(context, folder)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

async function measure(context: BenchContext, folder: string): Promise<Row[]> {
  const [programMiB, kernelMB] = context.quick ? [1, 1] : [20, 50]
  const files = join(folder, 'debian-12')
  // tftpd-hpa and nginx read as users of their own.
  chmodSync(folder, 0o755)
  mkdirSync(files)
  writeFileSync(join(folder, 'program'), Buffer.alloc(programMiB * MiB, 'program '))
  writeFileSync(join(files, 'kernel'), Buffer.alloc(kernelMB * 1_000_000, 'kernel '))
  const input = { program: join(folder, 'program'), bootFiles: folder }
  await using ours = await serveBoot(input)
  await using tftpd = await startTftpd(folder)
  await using nginx = await startNginx(join(folder, 'nginx'), folder)
  const rows: Row[] = []
  const add = async (setting: string, amount: number, target: number, each: readonly [Fetch, Fetch]): Promise<void> => {
    const [mine, limit] = each.map((fetch) => sideOf(fetch, amount)) as [Side, Side]
    const result = await measurePairs(
      mine,
      limit,
      context.quick ? { rounds: 1, sliceMs: 50 } : { rounds: 2, sliceMs: 1000 },
    )
    rows.push({ figure: 'boot', engine: '-', setting, unit: 'MiB/s', ...result, target: { atLeast: target, of: 'ratio' } })
    context.report(`boot: ${setting}: ${result.ratio.toFixed(2)}`)
  }
  for (const clients of [1, 20]) {
    for (const windowsize of [undefined, 16]) {
      const setting = `TFTP, ${windowsize === undefined ? 'no window' : `windowsize ${windowsize}`}, ${clients} at once`
      const target = windowsize === undefined ? 0.5 : clients === 1 ? 1 : 0.8
      await add(setting, clients * programMiB, target, [
        () => fetchByTftp(ours.said.tftpPort, 'program', clients, windowsize),
        () => fetchByTftp(tftpd.port, '/program', clients),
      ])
    }
  }
  const at = Array.from({ length: 50 }, (_, index) => index)
  await add(`HTTP, 50 files of ${kernelMB} MB at once`, (50 * kernelMB * 1_000_000) / MiB, 0.5, [
    () => fetchByHttp(at.map((index) => `${ours.said.origin}/boot/token-of-run-${index}/kernel`)),
    () => fetchByHttp(at.map(() => `http://127.0.0.1:${nginx.port}/debian-12/kernel`)),
  ])
  return rows
}

type Fetch = () => Promise<void>

function sideOf(fetch: Fetch, amount: number): Side {
  return {
    putBack: async () => {},
    burst: async () => {
      const from = performance.now()
      await fetch()
      return { calls: amount, ms: performance.now() - from }
    },
  }
}

async function serveBoot(input: ServeBootInput): Promise<AsyncDisposable & { readonly said: ServeBootOutput }> {
  const path = join(import.meta.dirname, 'boot', 'serve-boot.ts')
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [...process.execArgv, path, JSON.stringify(input)])
  child.stderr.pipe(process.stderr)
  const ended = once(child, 'exit')
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  if (line.done === true) throw new Error('the boot server ended without a word')
  return {
    said: JSON.parse(line.value as string) as ServeBootOutput,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await ended
    },
  }
}

import { readFile, rename, writeFile } from 'node:fs/promises'

/** What a run leaves for the next one: guests of a run that was killed keep asking at the ports that they know. */
export interface LastRun {
  readonly bootPort?: number
  readonly simulatorPort?: number
  readonly pid?: number
}

const fields = ['bootPort', 'simulatorPort', 'pid'] as const

/** Promises: a file that is missing or makes no sense is an empty one; nothing but convenience is in it. */
export async function readLastRun(base: string | undefined): Promise<LastRun> {
  if (base === undefined) return {}
  try {
    const read = JSON.parse(await readFile(pathOf(base), 'utf8')) as Record<string, unknown> | null
    return Object.fromEntries(
      fields.flatMap((field) => (Number.isSafeInteger(read?.[field]) ? [[field, read?.[field]]] : [])),
    )
  } catch {
    return {}
  }
}

/** Promises: whenever the process is ended, the file holds what was in it or what is in it now, never half of it. */
export async function writeLastRun(base: string | undefined, run: LastRun): Promise<void> {
  if (base === undefined) return
  const draft = `${pathOf(base)}.new`
  await writeFile(draft, `${JSON.stringify(run)}\n`)
  await rename(draft, pathOf(base))
}

/** Whether the process of that run is there. Another may have got its number since, so ask for something else besides. */
export function isRunning({ pid }: LastRun): boolean {
  if (pid === undefined || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function pathOf(base: string): string {
  return `${base}.json`
}

import { statfsSync } from 'node:fs'

const folder = '/dev/shm'
/** What the databases of a whole run need at once, and as much again. */
const neededBytes = 1024 ** 3

/**
 * A folder in memory, where the system has one with room. It holds what a killed process has written as well as a disk does, and only
 * a machine without power would show the difference: no test takes that away.
 */
export function memoryFolder(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= neededBytes ? folder : undefined
  } catch {
    return undefined // it is Linux that has one
  }
}

import { cpSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { PostgresPrograms } from './find-postgres.ts'

/** Whom PostgreSQL runs as: it refuses to run as root. */
export interface RunAs {
  readonly uid: number
  readonly gid: number
}

/** `nobody` when we are root, otherwise ourselves (undefined). */
export function unprivilegedUser(): RunAs | undefined {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined
}

/** Where a server's files may live: a folder that the user who runs it can walk into. */
export function reachableTemporaryFolder(user: RunAs | undefined): string {
  return [tmpdir(), '/tmp', '/var/tmp'].find((folder) => user === undefined || isOpenToOthers(folder)) ?? tmpdir()
}

/** The programs, or a copy of them where the user can reach them: a clone below a closed home folder hides them. */
export function reachablePrograms(programs: PostgresPrograms, user: RunAs | undefined, copyTo: string): PostgresPrograms {
  if (user === undefined || isOpenToOthers(programs.postgres)) return programs
  // bin, lib and share belong together: PostgreSQL finds its libraries relative to its own path
  cpSync(dirname(dirname(programs.postgres)), copyTo, { recursive: true, verbatimSymlinks: true })
  return { initdb: join(copyTo, 'bin', 'initdb'), postgres: join(copyTo, 'bin', 'postgres') }
}

/** True when every folder on the way, and the thing itself, lets others in. */
function isOpenToOthers(path: string): boolean {
  const open = (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o001
  if (open === 0) return false
  return dirname(path) === path || isOpenToOthers(dirname(path))
}

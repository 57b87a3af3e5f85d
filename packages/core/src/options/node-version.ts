import { VirtkitError } from '@virtkit/spi'

type Release = readonly [major: number, minor: number]
const oldest: Release = [22, 12]
/** better-sqlite3 13 is built for Node-API 10, which is there since Node.js 22.14; on an older one it ends the process. */
const oldestForSqlite: Release = [22, 14]

/**
 * Throws `UNSUPPORTED` on a Node.js that is too old. It comes before anything else: a native module built for a newer one does
 * not fail there, it ends the process.
 */
export function refuseOldNode(version: string): void {
  if (isAtLeast(version, oldest)) return
  throw tooOld(version, `Virtkit needs Node.js ${oldest.join('.')} or newer; this is ${version}.`)
}

/** Throws `UNSUPPORTED` where we would have to load better-sqlite3 ourselves and Node.js is too old for it. */
export function refuseOldNodeForSqlite(version: string): void {
  if (isAtLeast(version, oldestForSqlite)) return
  const needed = oldestForSqlite.join('.')
  throw tooOld(
    version,
    `A SQLite file is opened by better-sqlite3, which needs Node.js ${needed} or newer; this is ${version}.`,
    ', or hand in a database that better-sqlite3 12 has opened',
  )
}

const isAtLeast = (version: string, [major, minor]: Release): boolean => {
  const [itsMajor = 0, itsMinor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return itsMajor > major || (itsMajor === major && itsMinor >= minor)
}

const tooOld = (version: string, message: string, otherwise = ''): VirtkitError =>
  new VirtkitError('UNSUPPORTED', message, {
    details: { feature: `Node.js ${version}` },
    hint: `Install a newer Node.js (https://nodejs.org)${otherwise}.`,
  })

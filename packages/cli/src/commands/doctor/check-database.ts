import { constants, existsSync } from 'node:fs'
import { access, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Finding, missing, ok, reasonOf, warning } from './finding.ts'

const GiB = 1024 ** 3
/** A clock that differs by more makes leases of two machines hard to tell apart. */
const mostSkewMs = 5000
const patienceMs = 5000

/** A SQLite file: whether it can be read and written, and so its folder, where its journal is; and whether there is room. */
export async function checkSqlite(file: string): Promise<readonly Finding[]> {
  const folder = dirname(file)
  const probe = join(folder, `.virtkit-doctor-${process.pid}`)
  try {
    await writeFile(probe, '', { flag: 'wx' })
  } catch (error) {
    const reason = reasonOf(error)
    const fix = reason === 'ENOENT' ? `mkdir -p ${folder}` : `chown ${userName()} ${folder}`
    return [missing('database', `nothing can be written into ${folder} (${reason})`, fix)]
  }
  const skewMs = (await stat(probe)).mtimeMs - Date.now()
  await rm(probe, { force: true })
  const findings = [await checkFile(file), await checkRoom(folder)]
  if (Math.abs(skewMs) > mostSkewMs)
    findings.push(warning('clock', `the clock of ${folder} is ${seconds(skewMs)} off`, setClock))
  return findings
}

async function checkFile(file: string): Promise<Finding> {
  if (!existsSync(file)) return ok('database', `${file} is made when it is needed`)
  try {
    await access(file, constants.R_OK | constants.W_OK)
    return ok('database', `${file} can be read and written`)
  } catch (error) {
    return missing('database', `${file} cannot be read and written (${reasonOf(error)})`, `chown ${userName()} ${file}`)
  }
}

async function checkRoom(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder)
  const free = `${((bavail * bsize) / GiB).toFixed(1)} GiB are free`
  return bavail * bsize >= GiB ? ok('disk', free) : warning('disk', free, `df -h ${folder}`)
}

/** Whether PostgreSQL lets us in, and has the same time. `where` is for people, without a password. */
export async function checkPostgres(url: string, where: string): Promise<readonly Finding[]> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: patienceMs, query_timeout: patienceMs })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ now: Date; version: string }>(
      "select clock_timestamp() as now, current_setting('server_version') as version",
    )
    const { now, version } = rows[0]!
    const skewMs = now.getTime() - Date.now()
    return [
      ok('database', `${where} answers: ${version}`),
      ...(Math.abs(skewMs) > mostSkewMs ? [warning('clock', `the database is ${seconds(skewMs)} off`, setClock)] : []),
    ]
  } catch (error) {
    const asked = where.replace(/^PostgreSQL /, 'postgres://')
    return [missing('database', `${where} does not let us in (${reasonOf(error)})`, `psql ${asked} -c 'select 1'`)]
  } finally {
    await client.end().catch(() => {})
  }
}

/** The key file is made at the first start; later it has to be the one of then. */
export async function checkKeyFile(file: string, isDatabaseThere: boolean): Promise<Finding> {
  try {
    const { mode } = await stat(file)
    const bits = (mode & 0o777).toString(8).padStart(4, '0')
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return missing('key-file', `${file} can be read by others than its owner (${bits})`, `chmod 600 ${file}`)
    await access(file, constants.R_OK)
    return ok('key-file', `${file} is for its owner only`)
  } catch (error) {
    const reason = reasonOf(error)
    if (reason !== 'ENOENT') return missing('key-file', `${file} cannot be read (${reason})`, `chown ${userName()} ${file}`)
    if (!isDatabaseThere) return ok('key-file', `${file} is made at the first start`)
    const fix = `put it back from your backup, or name it: --key-file FILE`
    return missing('key-file', `${file} is not there, and passwords in the database were sealed by it`, fix)
  }
}

export const setClock = 'timedatectl set-ntp true'

function seconds(ms: number): string {
  return `${Math.abs(Math.round(ms / 1000))} s`
}

function userName(): string {
  return process.env['USER'] ?? String(process.getuid?.() ?? 'you')
}

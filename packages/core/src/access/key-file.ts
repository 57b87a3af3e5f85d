import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, copyFile, link, open, unlink } from 'node:fs/promises'
import { type InputProblem, type VirtkitError, invalidInput } from '@virtkit/spi'
import type { RingKey } from './aes-keyring.ts'

const field = 'encryption.keyFile'
const line = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/

/**
 * Reads a file of lines `id:base64`, newest key first; empty lines and lines with `#` are skipped. Makes the file with one
 * fresh key and mode 0600 where there is none.
 *
 * Promises: processes that start at once agree on one file; nobody sees half of it. Throws `INVALID_INPUT` for a file that others can
 * read, that holds no key, or that cannot be read or made.
 */
export async function readKeyFile(path: string): Promise<readonly [RingKey, ...RingKey[]]> {
  const text = (await readPrivate(path)) ?? (await create(path)) ?? (await readPrivate(path))
  if (text === undefined) throw refuse(`${path} vanished while it was read`)
  return parseKeyFile(text, path)
}

/** Reads the text of a key file. Problems name lines, never what is in them. */
export function parseKeyFile(text: string, path: string): readonly [RingKey, ...RingKey[]] {
  const keys: RingKey[] = []
  const problems: InputProblem[] = []
  for (const [index, each] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#.*)?$/.test(each)) continue
    const [, id, key] = line.exec(each.trim()) ?? []
    const where = `line ${index + 1} of ${path}`
    if (id === undefined || key === undefined) {
      problems.push({ field, problem: `${where} is not a key`, hint: 'write id:key, the key 32 bytes in base64' })
    } else if (keys.some((other) => other.id === id)) {
      problems.push({ field, problem: `${where} has the id of another line` })
    } else {
      keys.push({ id, key: Buffer.from(key, 'base64') })
    }
  }
  const [first, ...rest] = keys
  if (problems.length === 0 && first) return [first, ...rest]
  throw invalidInput(problems.length > 0 ? problems : [{ field, problem: `there is no key in ${path}` }])
}

/** A fresh key, its id telling it from others. */
export function freshKey(): RingKey {
  return { id: `k${randomBytes(4).toString('hex')}`, key: randomBytes(32) }
}

async function readPrivate(path: string): Promise<string | undefined> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const { mode } = await file.stat()
    // Windows keeps no such bits.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw refuse(`${path} can be read by others than its owner`, `run: chmod 600 ${path}`)
    }
    return await file.readFile('utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw explain(path, error)
  } finally {
    await file?.close()
  }
}

/** Answers the text, or `undefined` when another process made the file first. */
async function create(path: string): Promise<string | undefined> {
  const { id, key } = freshKey()
  const text = `# Seals the secrets of a Virtkit database. Back it up; without it they are lost.\n${id}:${key.toString('base64')}\n`
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      await publish(draft, path)
    } finally {
      await unlink(draft)
    }
    return text
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined
    throw explain(path, error)
  }
}

/** Both ways fail when the file is there already. A link shows it whole at once, but some file systems have none. */
async function publish(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path)
  } catch (error) {
    if (!/^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS)$/.test(codeOf(error))) throw error
    await copyFile(draft, path, constants.COPYFILE_EXCL)
  }
}

function explain(path: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code === 'ENOENT') return refuse(`the folder of ${path} does not exist`, 'make the folder first')
  if (/^(EACCES|EPERM|EROFS)$/.test(code)) return refuse(`${path} cannot be read or made (${code})`, 'check who owns it')
  if (/^(EISDIR|ENOTDIR)$/.test(code)) return refuse(`${path} is not a file (${code})`)
  return error
}

function refuse(problem: string, hint?: string): VirtkitError {
  return invalidInput([{ field, problem, ...(hint === undefined ? {} : { hint }) }])
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : ''
}

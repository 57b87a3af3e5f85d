import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Host } from '../host.ts'
import type { KnownLogins } from './connection-options.ts'

/** What a server gave out for name and password. */
export interface Login {
  readonly token: string
  readonly user: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

interface Stored {
  readonly current?: string
  readonly logins: Readonly<Record<string, Login>>
}

/**
 * The tokens of one person, by where the API begins, in `$XDG_CONFIG_HOME/virtkit/logins.json` (else `~/.config`).
 *
 * Promises: the file is its owner's alone (0600, in a folder of 0700); whenever the process is ended it holds what was in it or what is
 * in it now. Passwords are never in it.
 */
export class Logins implements KnownLogins {
  readonly #path: string
  readonly #stored: Stored

  private constructor(path: string, stored: Stored) {
    this.#path = path
    this.#stored = stored
  }

  static async read({ env }: Pick<Host, 'env'>): Promise<Logins> {
    const folder = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config')
    const path = join(folder, 'virtkit', 'logins.json')
    return new Logins(path, await readStored(path))
  }

  /** Where somebody logged in last. */
  get current(): string | undefined {
    return this.#stored.current
  }

  find(url: string): Login | undefined {
    return Object.hasOwn(this.#stored.logins, url) ? this.#stored.logins[url] : undefined
  }

  async keep(url: string, login: Login): Promise<void> {
    await this.#write({ current: url, logins: { ...this.#stored.logins, [url]: login } })
  }

  async forget(url: string): Promise<void> {
    const { [url]: _, ...logins } = this.#stored.logins
    const current = this.#stored.current === url ? Object.keys(logins)[0] : this.#stored.current
    await this.#write({ ...(current !== undefined && { current }), logins })
  }

  async #write(stored: Stored): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    const draft = `${this.#path}.${randomUUID()}`
    await writeFile(draft, `${JSON.stringify(stored, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(draft, this.#path)
  }
}

/** A file that makes no sense is an empty one: whoever logs in again replaces it. */
async function readStored(path: string): Promise<Stored> {
  try {
    const text = await readFile(path, 'utf8')
    // Whoever copied it here may have opened it to others.
    await chmod(path, 0o600).catch(() => {})
    const read = JSON.parse(text) as Partial<Stored> | null
    const logins = Object.entries(read?.logins ?? {}).filter(([, login]) => typeof login?.token === 'string')
    return { ...(typeof read?.current === 'string' && { current: read.current }), logins: Object.fromEntries(logins) }
  } catch {
    return { logins: {} }
  }
}

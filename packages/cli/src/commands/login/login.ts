import { createClient } from '@virtkit/rest/client'
import { VirtkitError, invalidInput } from '@virtkit/spi'
import { toCommandError } from '../../connection/api-problem.ts'
import { apiUrl } from '../../connection/connection-options.ts'
import { Logins } from '../../connection/logins.ts'
import { readPassword } from '../../connection/secrets.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { Host } from '../../host.ts'
import { printDone } from '../../output/print.ts'
import { showTime } from '../../output/times.ts'
import type { Context } from '../../program.ts'

export interface LoginFlags {
  readonly user?: string
  readonly passwordStdin?: boolean
}

/** Trades name and password for a token and keeps that. */
export async function login(given: string | undefined, flags: LoginFlags, { host, output }: Context): Promise<number> {
  const logins = await Logins.read(host)
  const url = placeOf(given, host, logins)
  if (isInTheOpen(url)) host.stderr.write(`virtkit: ${url} is plain HTTP: the password crosses the network as it is\n`)
  const user = await readUser(flags, host)
  const question = `Password of ${user} at ${url}: `
  const password = await readPassword(flags, host, { variable: 'VIRTKIT_PASSWORD', question })
  try {
    const client = createClient({ url })
    const input = { grant_type: 'client_credentials', client_id: user, client_secret: password } as const
    const { access_token: token, expires_in: seconds } = await client.token.create(input, { signal: host.interrupted })
    const expiresAt = Date.now() + seconds * 1000
    await logins.keep(url, { token, user, expiresAt })
    const text = `${user} is logged in at ${url} until ${sayExpiry(expiresAt)}.`
    printDone(output, { url, user, expires: expiresAt * 1e6 }, { text })
    return exitCodes.ok
  } catch (error) {
    throw toCommandError(error, url)
  }
}

/** Promises: the token is gone from here, also where the server cannot be told; then it says so and fails. */
export async function logout(given: string | undefined, { host, output }: Context): Promise<number> {
  const logins = await Logins.read(host)
  const url = placeOf(given, host, logins)
  const known = logins.find(url)
  if (!known) {
    const hint = 'Where somebody is logged in, it is the place of all commands that name none.'
    throw new VirtkitError('NOT_FOUND', `Nobody is logged in at ${url}.`, { details: { what: 'login', id: url }, hint })
  }
  await logins.forget(url)
  try {
    await createClient({ url }).destroy.create({ access_token: known.token }, { signal: host.interrupted })
  } catch (error) {
    host.stderr.write(
      `virtkit: the token was forgotten here; at the server it counts until ${sayExpiry(known.expiresAt)}\n`,
    )
    throw toCommandError(error, url)
  }
  printDone(output, { url, user: known.user }, { text: `${known.user} is logged out at ${url}.` })
  return exitCodes.ok
}

function placeOf(given: string | undefined, { env }: Host, logins: Logins): string {
  if (given !== undefined) return apiUrl(given, 'url')
  if (env['VIRTKIT_URL']) return apiUrl(env['VIRTKIT_URL'], 'VIRTKIT_URL')
  if (logins.current !== undefined) return logins.current
  throw invalidInput([{ field: 'url', problem: 'is missing', hint: 'virtkit login https://virtkit.example.com' }])
}

async function readUser({ user, passwordStdin }: LoginFlags, { env, stdin }: Host): Promise<string> {
  const known = user ?? (env['VIRTKIT_USER'] || undefined)
  if (known !== undefined) return known
  if (stdin.isTTY && !passwordStdin) return stdin.ask('User: ')
  const hint = 'give --user, or put it in VIRTKIT_USER'
  throw invalidInput([{ field: '--user', problem: 'is missing: there is no terminal to ask at', hint }])
}

function isInTheOpen(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.')
}

const sayExpiry = (ms: number): string => `${showTime(ms * 1e6)} UTC`

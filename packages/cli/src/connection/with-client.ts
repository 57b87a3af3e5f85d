import { createClient } from '@virtkit/rest/client'
import { VirtkitError } from '@virtkit/spi'
import type { Context } from '../program.ts'
import { toCommandError } from './api-problem.ts'
import { type ConnectionFlags, chooseTarget } from './connection-options.ts'
import { Logins } from './logins.ts'
import type { Effect, Session } from './session.ts'

export interface WithClientOptions extends ConnectionFlags {
  /** `reads`: a database must be there. `operates`: on a database, operations are carried out while the command runs. */
  readonly effect: Effect
  /** `false`: it does not wait for what it sets going, so that nothing need be carried out here. */
  readonly wait?: boolean
}

/**
 * Opens the API at a server, or on a database in this process, for as long as `use` runs. Errors are those of the services, whichever
 * it is. Promises: everything is closed when it returns or throws; what was under way on a database is left there for the next process.
 *
 * @example
 * ```ts
 * await withClient({ ...flags, effect: 'reads' }, context, async ({ client, output }) => {
 *   for (const { name } of await client.clusters.list()) output.line(name)
 * })
 * ```
 */
export async function withClient<T>(
  options: WithClientOptions,
  context: Context,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const { host, output } = context
  const target = chooseTarget(options, host.env, await Logins.read(host))
  const isHasty = options.wait === false
  const say = (text: string): void => void (output.isQuiet || host.stderr.write(`virtkit: ${text}\n`))
  const url = target.kind === 'remote' ? target.url : undefined
  try {
    if (target.kind === 'remote') {
      if (target.token === undefined) throw notLoggedIn(target.url)
      const { token } = target
      const client = createClient({ url: target.url, token, fetch: interruptible(fetch, host.interrupted) })
      return await use({ ...context, client, isLocal: false, isHasty, canInstall: true, say })
    }
    const installs = options.effect === 'operates'
    const works = installs && !isHasty
    // Drivers and databases are loaded by those who work here.
    const { openLocal } = await import('./open-local.ts')
    const local = await openLocal(target, { works, installs, mayCreate: options.effect !== 'reads' }, host)
    try {
      const client = createClient({ url: 'http://localhost', fetch: interruptible(local.fetch, host.interrupted) })
      return await use({ ...context, client, isLocal: true, isHasty, canInstall: target.bootHost !== undefined, say })
    } finally {
      await local.close()
    }
  } catch (error) {
    throw toCommandError(error, url)
  }
}

/** A call ends with the command. */
function interruptible(
  ask: (request: Request) => Promise<Response>,
  signal: AbortSignal,
): (request: Request) => Promise<Response> {
  return (request) => ask(new Request(request, { signal: AbortSignal.any([signal, request.signal]) }))
}

function notLoggedIn(url: string): VirtkitError {
  const hint = `Log in: virtkit login ${url}`
  return new VirtkitError('UNAUTHENTICATED', `Nobody is logged in at ${url}.`, { details: {}, hint })
}

import { type About, type Call, type Hypervisor, isVirtkitError } from '@virtkit/spi'
import { cancelled, unavailable } from '../errors.ts'
import type { SimulatedOptions } from '../options.ts'
import { HttpConnection } from './http-connection.ts'
import { remoteFacets } from './remote-facets.ts'
import { RemoteSession } from './remote-session.ts'
import { readLines, reviveError } from './wire.ts'

/** A simulator that accepts a connection and then says nothing is not there. */
const connectTimeoutMs = 10_000

/** Opens a session with a simulator in another process. Throws `HYPERVISOR_UNAVAILABLE`, `UNAUTHENTICATED`, `CANCELLED`. */
export async function connectRemote(options: SimulatedOptions, call: Call): Promise<Hypervisor> {
  if (call.signal.aborted) throw cancelled('did-not-happen')
  const connection = new HttpConnection(options.url, options.username, options.password)
  const cut = new AbortController()
  const stop = (): void => cut.abort()
  const timer = setTimeout(stop, connectTimeoutMs)
  call.signal.addEventListener('abort', stop, { once: true })
  try {
    const about = await readAbout(connection, cut.signal)
    const session = new RemoteSession(connection)
    return { about, ...remoteFacets(session), [Symbol.asyncDispose]: () => session.close() }
  } catch (error) {
    await connection.close()
    if (call.signal.aborted) throw cancelled('did-not-happen')
    throw isVirtkitError(error) ? error : connection.broken(error, false)
  } finally {
    clearTimeout(timer)
    call.signal.removeEventListener('abort', stop)
  }
}

async function readAbout(connection: HttpConnection, signal: AbortSignal): Promise<About> {
  const response = await connection.ask({ method: 'GET', path: '/about', signal, changes: false })
  if (response.headers['x-virtkit-simulator'] !== '1') {
    response.destroy()
    const { endpoint } = connection
    throw unavailable(`What answers at ${endpoint} is not a simulator.`, 'did-not-happen', { endpoint })
  }
  let answer: unknown
  for await (const line of readLines(response)) answer = line
  if (typeof answer !== 'object' || answer === null) throw connection.broken(undefined, false)
  if ('error' in answer) throw reviveError(answer.error)
  return answer as About
}

import { once } from 'node:events'
import { exitCodes } from '../../exit-codes.ts'
import type { Context } from '../../program.ts'
import { openService } from './open-service.ts'
import { type ServeFlags, parseServeOptions } from './serve-options.ts'

/** How long closing may take: answers under way have ten seconds of it, operations under way the rest. */
const closeMs = 30_000

/**
 * Serves the API until it is interrupted. One line on stdout says where, when it can be reached; everything else is on stderr.
 *
 * Promises: interrupted, it takes nothing new, ends streams of events, lets answers end, hands operations over to whoever opens this
 * database next, and exits 0 within half a minute; a second signal ends it at once.
 */
export async function serve(flags: ServeFlags, { host, output }: Context): Promise<number> {
  const options = parseServeOptions(flags, host.env)
  const warn = (text: string): void => void host.stderr.write(`virtkit: ${text}\n`)
  const say = output.isQuiet ? () => {} : warn
  const service = await openService(options, host, { say, warn })
  if (!host.interrupted.aborted) {
    if (output.isJson) output.json({ event: 'listening', url: service.url })
    else output.line(`virtkit: listening on ${service.url}`)
    if (!options.tls && !isLoopback(options.host)) warn('without --tls-cert, passwords cross the network as they are')
    await once(host.interrupted, 'abort')
  }
  say('ending: what is under way may finish; a second signal ends it at once')
  await withinBound(service.close())
  return exitCodes.ok
}

/** A hypervisor or database that does not let go keeps nobody from ending: what was under way is taken over by its lease. */
async function withinBound(closing: Promise<void>): Promise<void> {
  const timer = setTimeout(() => process.exit(exitCodes.ok), closeMs)
  try {
    await closing
  } finally {
    clearTimeout(timer)
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

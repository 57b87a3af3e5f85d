import { type Virtkit, isVirtkitError } from '@virtkit/core'
import { RequestError } from '../error-answer.ts'
import { type Answered, Counters } from './counters.ts'
import { InstallationGauges } from './installation-gauges.ts'
import { Registry } from 'prom-client'

/** What one server knows of how it is. Any number can be in one process: each has its own registry. */
export interface Monitor {
  /** A request begins; call the answer when it is answered. `route` is `/callbacks/:key`, or `none` for one that names nothing. */
  begin(): Answered
  /** Throws a `RequestError` of status 503 that says why not. */
  requireReady(): Promise<void>
  /** The text format of Prometheus. */
  metrics(): Promise<Response>
  /** From now on it is not ready. */
  drain(): void
}

/** How long a database may take to answer before it counts as gone. */
const patienceMs = 2000

export function createMonitor(kit: Virtkit): Monitor {
  const registry = new Registry()
  const counters = new Counters(registry, kit.telemetry)
  const gauges = new InstallationGauges(registry)
  const stop = kit.events.on('*', (event) => counters.tell(event))
  let isDraining = false
  let reading: Promise<string> | undefined

  async function read(): Promise<string> {
    gauges.show(await kit.statistics.read())
    counters.countAnswered()
    return registry.metrics()
  }

  return {
    begin: () => counters.begin(),
    requireReady: async () => {
      if (isDraining) throw new RequestError(503, ['the service is about to end'], { 'retry-after': '5' })
      const problem = await problemOf(kit)
      if (problem !== undefined) throw new RequestError(503, [`database: ${problem}`], { 'retry-after': '5' })
    },
    metrics: async () => {
      // Those who ask at once share one look at the database.
      reading ??= read().finally(() => (reading = undefined))
      return new Response(await reading, { headers: { 'content-type': registry.contentType } })
    },
    drain: () => {
      isDraining = true
      stop()
    },
  }
}

/** An open kit has brought the schema up to date; whether it is still that database is asked by its id. */
async function problemOf(kit: Virtkit): Promise<string | undefined> {
  const late = Promise.withResolvers<string>()
  const timer = setTimeout(() => late.resolve('does not answer'), patienceMs)
  try {
    return await Promise.race([late.promise, installationProblem(kit)])
  } catch (error) {
    return isVirtkitError(error) ? error.message : 'does not answer'
  } finally {
    clearTimeout(timer)
  }
}

async function installationProblem({ database, installation }: Virtkit): Promise<string | undefined> {
  const { queries } = database
  const row = await queries.selectFrom('virtkitMeta').select('value').where('name', '=', 'installation').executeTakeFirst()
  return row?.value === installation ? undefined : 'is another one than the kit was opened with'
}

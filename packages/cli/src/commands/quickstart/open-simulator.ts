import { type SimulatorServer, fastPace, startSimulatorServer } from '@virtkit/driver-simulated'
import { VirtkitError, invalidInput, isVirtkitError } from '@virtkit/spi'
import { type LastRun, isRunning } from './last-run.ts'
import type { QuickstartOptions } from './quickstart.ts'

/** A simulated hypervisor that a command uses: its own, or one that somebody runs elsewhere. */
export interface OpenSimulator {
  readonly url: string
  readonly isOwn: boolean
  /** Its own listens here. */
  readonly port?: number
  readonly stateFile?: string
  /** What the cluster is registered with. */
  readonly access: { readonly url: string; readonly username?: string; readonly password?: string }
  close(): Promise<void>
}

export interface SimulatorPlace {
  /** Where its files are; undefined: it keeps nothing. */
  readonly base: string | undefined
  readonly last: LastRun
  readonly env: Readonly<Record<string, string | undefined>>
}

export type SimulatorChoice = Pick<QuickstartOptions, 'simulator' | 'username' | 'pace'>

export async function openSimulator(options: SimulatorChoice, place: SimulatorPlace): Promise<OpenSimulator> {
  if (options.simulator !== undefined) return elsewhere(options.simulator, options.username, place.env)
  const stateFile = place.base === undefined ? undefined : `${place.base}.simulator.json`
  const server = await startOwn(options.pace, stateFile, place.last)
  const { url, port } = server
  return {
    url,
    port,
    isOwn: true,
    access: { url },
    ...(stateFile === undefined ? {} : { stateFile }),
    close: () => server.close(),
  }
}

function elsewhere(url: string, username: string | undefined, env: SimulatorPlace['env']): OpenSimulator {
  const password = env['VIRTKIT_SIMULATOR_PASSWORD']
  if (username !== undefined && password === undefined) {
    throw invalidInput([{ field: 'VIRTKIT_SIMULATOR_PASSWORD', problem: `is missing: ${username} needs a password` }])
  }
  const access = username === undefined || password === undefined ? { url } : { url, username, password }
  return { url, isOwn: false, access, close: async () => {} }
}

/** On the port of the last run, so that what that run left finds it, else on any. */
async function startOwn(pace: 'fast' | 'real', stateFile: string | undefined, last: LastRun): Promise<SimulatorServer> {
  const start = (port: number): Promise<SimulatorServer> =>
    startSimulatorServer({ port, pace: pace === 'fast' ? fastPace : {}, ...(stateFile === undefined ? {} : { stateFile }) })
  try {
    return await start(last.simulatorPort ?? 0)
  } catch (error) {
    if (!isVirtkitError(error, 'CONFLICT')) throw error
    // Two simulators would write one state file.
    if (isRunning(last)) throw anotherRuns(last.pid, error)
    return start(0)
  }
}

function anotherRuns(pid: number | undefined, cause: unknown): VirtkitError {
  return new VirtkitError('CONFLICT', `Another process works on this database and its simulator: ${pid}.`, {
    details: { field: '--database' },
    hint: 'Wait for it, end it, or choose another file with --database.',
    cause,
  })
}

import { startSimulatorServer } from '@virtkit/driver-simulated'

/** A simulator as a process of its own: `simulator-process.ts STATE_FILE` prints its url. */
const [stateFile] = process.argv.slice(2)
if (stateFile === undefined) throw new Error('name a state file')
const server = await startSimulatorServer({ stateFile, guests: 'none' })
process.stdout.write(`${server.url}\n`)
process.once('SIGTERM', () => void server.close())

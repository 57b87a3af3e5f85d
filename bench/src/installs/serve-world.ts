import { fastPace, startSimulatorServer } from '@virtkit/driver-simulated'
import { roomyWorld } from './roomy-world.ts'
import { peakMiB } from './peak-memory.ts'

// The world in a process of its own: machines, media and guests. It says where it is, and how much memory it took when its
// standard input ends.

const server = await startSimulatorServer({ pace: fastPace, world: roomyWorld(Number(process.argv[2])) })
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
process.stdin.resume().once('end', () => {
  process.stdout.write(`${JSON.stringify({ peakMiB: peakMiB() })}\n`)
  void server.close().then(() => process.exit(0))
})

import { fastPace, startSimulatorServer } from '@virtkit/driver-simulated'

// The hypervisor in a process of its own, with room for so many machines, until its standard input ends.

const machines = Number(process.argv[2])
const server = await startSimulatorServer({
  pace: fastPace,
  world: {
    seed: 1,
    hosts: [{ name: 'host-1', cpus: machines * 2, memoryMiB: machines * 2048 }],
    datastores: [{ name: 'ds-1', capacityMiB: machines * 21_000 }],
  },
})
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
await new Promise((resolve) => process.stdin.resume().once('end', resolve))
await server.close()

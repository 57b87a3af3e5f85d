import type { WorldOptions } from '@virtkit/driver-simulated'

/** A world with room for so many small machines. */
export function roomyWorld(machines: number): WorldOptions {
  return {
    seed: 1,
    hosts: [{ name: 'host-1', cpus: machines * 2, memoryMiB: machines * 2048 }],
    datastores: [{ name: 'ds-1', capacityMiB: machines * 21_000 }],
  }
}

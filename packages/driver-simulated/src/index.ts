/**
 * A hypervisor that is not there: a world that one can count, delay and break, with guests that are real network clients.
 * `createSimulatedHypervisor` makes one in this process, `startSimulatorServer` one that outlives those who use it, and
 * `simulated` is the driver that reaches the latter.
 */
export { simulated } from './simulated-driver.ts'
export type { SimulatedOptions } from './options.ts'
export {
  type SimulatedHypervisor,
  type SimulatedHypervisorOptions,
  createSimulatedHypervisor,
} from './simulated-hypervisor.ts'
export type { SimulatorBehaviour } from './simulator.ts'
export { type SimulatorServer, type SimulatorServerOptions, startSimulatorServer } from './server/simulator-server.ts'
export { type SimulatorControl, createSimulatorControl } from './remote/simulator-control.ts'
export { type VirtualClock, type VirtualClockOptions, createVirtualClock } from './virtual-clock.ts'
export type { Credentials } from './credentials.ts'
export type { CallSubject, FaultRule, Faults, FaultState, Latency } from './faults.ts'
export type { GuestProgram } from './guest-house.ts'
export type { CallCounts } from './call-counts.ts'
export type { World, WorldSummary } from './world/world.ts'
export type { DatastoreOptions, HostOptions, MachineOptions, NetworkOptions, WorldOptions } from './world/world-options.ts'
export { standInInitrd, standInKernel } from './guests/stand-in-images.ts'
export type { GuestHardware, GuestOptions, Lease } from './guests/guest-hardware.ts'
export { type GuestPace, defaultPace, fastPace } from './guests/guest-pace.ts'

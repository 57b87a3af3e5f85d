import { type HypervisorDriver, defineDriver } from '@virtkit/spi'
import { unavailable } from './errors.ts'
import { type SimulatedOptions, simulatedOptions } from './options.ts'
import { connectRemote } from './remote/connect-remote.ts'

/**
 * The driver of simulators that run as processes of their own (`startSimulatorServer`); their state outlives those who use
 * them. For one in this process, take the `driver` of `createSimulatedHypervisor`.
 *
 * Throws at `connect`: `HYPERVISOR_UNAVAILABLE`, `UNAUTHENTICATED`, `CANCELLED`.
 */
export const simulated: HypervisorDriver<SimulatedOptions> = defineDriver<SimulatedOptions>({
  spec: 1,
  name: 'simulated',
  options: simulatedOptions,
  connect: async (options, call) => {
    if (options.url.startsWith('http:')) return connectRemote(options, call)
    throw unavailable(`There is no simulator at ${options.url} in this process.`, 'did-not-happen', {
      endpoint: options.url,
      hint: "Hand in the driver of createSimulatedHypervisor(), or name the 'http:' url of a simulator process.",
    })
  },
})

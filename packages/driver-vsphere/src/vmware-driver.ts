import { type HypervisorDriver, type MacRange, defineDriver } from '@virtkit/spi'
import { native } from './client/soap/native-transport.ts'
import type { VimTransportKind } from './client/soap/vim-transport.ts'
import { openHypervisor } from './hypervisor.ts'
import { type VmwareOptions, vmwareOptions } from './options.ts'

export interface VmwareSettings {
  /** How SOAP is spoken. Default `native()`. */
  readonly transport?: VimTransportKind
}

/** Addresses that vSphere leaves to those who set them by hand (VMware KB 219). */
const macRange: MacRange = { from: '00:50:56:00:00:00', to: '00:50:56:3f:ff:ff' }

/**
 * The driver of vCenter servers and ESXi hosts, for clusters of type `vmware`.
 *
 * Promises: one session per connection, however many calls are under way, and none after it is closed; nothing of the process is
 * changed. Throws at `connect`: `HYPERVISOR_UNAVAILABLE`, `UNAUTHENTICATED`, `PEER_MISSING`, `CANCELLED`.
 *
 * @example
 * ```ts
 * const kit = await createVirtkit({ database, drivers: [createVmware({ transport: nodeVsphereSoap() })] })
 * ```
 */
export function createVmware({ transport = native() }: VmwareSettings = {}): HypervisorDriver<VmwareOptions> {
  return defineDriver<VmwareOptions>({
    spec: 1,
    name: 'vmware',
    options: vmwareOptions,
    macRange,
    connect: (options, call) => openHypervisor(transport, options, call),
  })
}

/** The driver over Node's own HTTP client. */
export const vmware: HypervisorDriver<VmwareOptions> = createVmware()

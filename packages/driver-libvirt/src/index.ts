import { type HypervisorDriver, defineDriver } from '@virtkit/spi'
import { connectLibvirt } from './hypervisor.ts'
import { type LibvirtOptions, libvirtOptions } from './options.ts'

export type { LibvirtOptions } from './options.ts'

/**
 * The driver of QEMU machines on libvirt, local (`qemu:///system`) or over SSH (`qemu+ssh://root@host/system`).
 *
 * Promises: speaks libvirt's own protocol over one connection a session, which is opened again when it broke; starts no program but,
 * for a host elsewhere, `ssh`. Throws at `connect`: `HYPERVISOR_UNAVAILABLE`, `UNAUTHENTICATED`, `CANCELLED`.
 *
 * @example
 * ```ts
 * const kit = await createVirtkit({ drivers: [libvirt] })
 * ```
 */
export const libvirt: HypervisorDriver<LibvirtOptions> = defineDriver<LibvirtOptions>({
  spec: 1,
  name: 'libvirt',
  options: libvirtOptions,
  // QEMU's own range.
  macRange: { from: '52:54:00:00:00:00', to: '52:54:00:ff:ff:ff' },
  connect: connectLibvirt,
})

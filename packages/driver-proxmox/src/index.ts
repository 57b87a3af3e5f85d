/** The driver of Proxmox VE clusters, versions 8 and 9: `drivers: [proxmox]`. Under GPL-3.0-or-later. */
import { type HypervisorDriver, defineDriver } from '@virtkit/spi'
import { connectProxmox } from './connect.ts'
import { type ProxmoxOptions, proxmoxOptions } from './options.ts'

export type { ProxmoxOptions } from './options.ts'

/**
 * Proxmox VE.
 *
 * Promises: no machine id is taken twice, whoever takes some at the same time; nothing is changed on a machine whose description does
 * not carry our mark with its own number. Throws at `connect`: `HYPERVISOR_UNAVAILABLE`, `UNAUTHENTICATED`, `CANCELLED`.
 *
 * @example
 * ```ts
 * const kit = await createVirtkit({ drivers: [proxmox] })
 * ```
 */
export const proxmox: HypervisorDriver<ProxmoxOptions> = defineDriver<ProxmoxOptions>({
  spec: 1,
  name: 'proxmox',
  options: proxmoxOptions,
  // The vendor's own block, from which the server draws as well.
  macRange: { from: 'bc:24:11:00:00:00', to: 'bc:24:11:ff:ff:ff' },
  connect: connectProxmox,
})

import { type Hypervisor, type MachineSpec, Secret } from '@virtkit/spi'
import type { Vcsim } from '@virtkit/test-vcsim'
import { type VimTransportKind, createVmware, native } from '../src/index.ts'

export async function openVmware(vcsim: Vcsim, transport: VimTransportKind = native()): Promise<Hypervisor> {
  const { url, user: username, caCertificate: ca } = vcsim
  const options = { url, username, password: new Secret(vcsim.password), ca }
  return createVmware({ transport }).connect(options, { signal: AbortSignal.timeout(30_000) })
}

export function call(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(60_000) }
}

export function spec(name: string, more: Partial<MachineSpec> = {}): MachineSpec {
  return {
    name,
    cpus: 1,
    memoryMiB: 256,
    firmware: 'uefi',
    disks: [{ sizeMiB: 1024, provisioning: 'thin' }],
    nics: [{ network: 'DC0_DVPG0', mac: '00:50:56:00:00:01' }],
    placement: {},
    ...more,
  }
}

import type { Libvirt } from '../client/libvirt.ts'
import { saysNo } from '../errors.ts'
import { type FoundMachine, unlessGone } from './look.ts'
import { removeFile } from './make.ts'

/**
 * Destroys a machine: plug, files, then the domain itself with NVRAM and snapshots. In this order, so that whoever is killed in between
 * leaves a machine that carries its mark and can be destroyed again.
 */
export async function destroyMachine(libvirt: Libvirt, { domain, hardware }: FoundMachine): Promise<void> {
  await unlessGone(() => pullPlug(libvirt, domain))
  const { disks, seed } = hardware
  const files = [...disks.map((disk) => disk.file), seed]
  for (const file of files) if (file !== undefined) await removeFile(libvirt, file)
  await unlessGone(() => libvirt.undefine(domain))
}

/** Promises: of a machine that does not run, fine. */
export async function pullPlug(libvirt: Libvirt, domain: FoundMachine['domain']): Promise<void> {
  try {
    await libvirt.pullPlug(domain)
  } catch (error) {
    if (!saysNo(error, 'operationInvalid')) throw error
  }
}

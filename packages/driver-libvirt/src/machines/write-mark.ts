import { type Libvirt, flags } from '../client/libvirt.ts'
import type { FoundMachine } from './look.ts'
import { type MachineMark, markPrefix, markUri, renderMark } from './mark.ts'

/** Writes the mark of a machine, of a running one into both its descriptions. */
export async function writeMark(libvirt: Libvirt, { domain }: FoundMachine, mark: MachineMark): Promise<void> {
  const isActive = (await libvirt.domainState(domain)) !== 5
  const flag = isActive ? flags.affectConfig | flags.affectLive : flags.affectConfig
  await libvirt.setMetadata(domain, markUri, markPrefix, renderMark(mark).toString(), flag)
}

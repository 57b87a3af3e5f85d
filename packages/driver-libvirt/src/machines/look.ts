import { type MachineInfo, type OwnedMachine, notFound } from '@virtkit/spi'
import type { Domain, Libvirt } from '../client/libvirt.ts'
import { type XmlElement, parseXml } from '../client/xml.ts'
import { notOurs, saysNo } from '../errors.ts'
import { type Hardware, machineInfo, readHardware } from './hardware.ts'
import { uuidFor } from './mark.ts'
import type { Site } from './site.ts'

/** A domain with its description, read once. */
export interface FoundMachine {
  readonly domain: Domain
  readonly xml: XmlElement
  readonly hardware: Hardware
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Undefined for a ref that is unknown or gone. */
export async function findMachine(libvirt: Libvirt, ref: string): Promise<FoundMachine | undefined> {
  if (!uuid.test(ref)) return undefined
  return unlessGone(async () => read(libvirt, await libvirt.domain(ref)))
}

/** Throws `NOT_FOUND`. */
export async function getMachine(libvirt: Libvirt, ref: string): Promise<FoundMachine> {
  const found = await findMachine(libvirt, ref)
  if (!found) throw notFound('machine', ref)
  return found
}

/** Throws `NOT_FOUND`, `NOT_OURS`. */
export async function getOwned(libvirt: Libvirt, { ref, key }: OwnedMachine): Promise<FoundMachine> {
  const found = await getMachine(libvirt, ref)
  if (found.hardware.mark.key !== key) throw notOurs(ref)
  return found
}

/** The machine that carries this mark: the one that was made with it is found at once, an imported one by reading all. */
export async function findByKey(libvirt: Libvirt, key: string): Promise<FoundMachine | undefined> {
  const made = await findMachine(libvirt, uuidFor(key, 0))
  if (made?.hardware.mark.key === key) return made
  const domains = [...(await libvirt.domains())]
  while (domains.length > 0) {
    const some = domains.splice(0, 50).map((domain) => unlessGone(() => read(libvirt, domain)))
    const found = (await Promise.all(some)).find((each) => each?.hardware.mark.key === key)
    if (found) return found
  }
  return undefined
}

export async function read(libvirt: Libvirt, domain: Domain): Promise<FoundMachine> {
  const xml = parseXml(await libvirt.domainXml(domain))
  return { domain, xml, hardware: readHardware(xml) }
}

/** What the contract tells of it: state and sizes as they are now. */
export async function describe(
  libvirt: Libvirt,
  { domain, hardware }: FoundMachine,
  site: Pick<Site, 'pools' | 'host'>,
  userNetwork: string | undefined,
): Promise<MachineInfo> {
  const [state, ...sizes] = await Promise.all([
    libvirt.domainState(domain),
    ...hardware.disks.map(({ target }) => diskSizeMiB(libvirt, domain, target)),
  ])
  return machineInfo(hardware, state!, site, sizes as (number | undefined)[], userNetwork)
}

export async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (saysNo(error, 'noDomain')) return undefined
    throw error
  }
}

/** Undefined when its file is not there, or is none that can be read. */
async function diskSizeMiB(libvirt: Libvirt, domain: Domain, target: string): Promise<number | undefined> {
  try {
    return Math.floor((await libvirt.blockCapacity(domain, target)) / 1024 ** 2)
  } catch (error) {
    if (saysNo(error, 'noDomain')) throw error
    if (error instanceof Error && error.name === 'LibvirtError') return undefined
    throw error
  }
}

import { type MachineInfo, notFound } from '@virtkit/spi'
import type { Libvirt } from '../client/libvirt.ts'
import { flags } from '../client/libvirt.ts'
import { xml } from '../client/xml.ts'
import { datastoreFull, saysNo } from '../errors.ts'
import type { Deed, Session } from '../session.ts'
import { type DomainPlan, renderDomain } from './domain-xml.ts'
import type { PlannedDisk } from './input.ts'
import { type FoundMachine, describe, findMachine, getMachine } from './look.ts'
import { markPrefix, markUri, renderMark, uuidFor } from './mark.ts'
import type { Pool, Site } from './site.ts'

/** How one file of a new machine comes to be. */
export interface FilePlan {
  readonly pool: Pool
  readonly name: string
  make(libvirt: Libvirt): Promise<unknown>
  /** What is left to do once it is there; may be done again. */
  finish?(libvirt: Libvirt): Promise<void>
}

export interface MachinePlan extends Omit<DomainPlan, 'uuid' | 'diskFiles' | 'seed'> {
  readonly key: string
  /** In the order of the disks; `name` is given by what the machine is called in the end. */
  readonly files: (uuid: string) => { readonly disks: readonly FilePlan[]; readonly seed?: FilePlan }
}

/**
 * Makes a machine: first its domain, which claims the key (libvirt holds the UUID unique) and says that it is incomplete, then its
 * files, then the word that it is complete. Whoever is killed in between leaves a machine that `findByKey` finds and that the next
 * call with the key completes.
 */
export async function makeMachine(
  session: Session,
  libvirt: Libvirt,
  deed: Deed,
  site: Site,
  plan: MachinePlan,
): Promise<MachineInfo> {
  const { key } = plan
  for (let attempt = 0; ; attempt += 1) {
    const uuid = uuidFor(key, attempt)
    const there = await findMachine(libvirt, uuid)
    // Taken by a machine that was made with this key and has lost its mark since.
    if (there && there.hardware.mark.key !== key) continue
    const machine = there ?? (await claim(libvirt, plan, uuid))
    if (!machine) {
      attempt -= 1
      continue
    }
    if (machine.hardware.mark.isIncomplete) await complete(libvirt, deed, machine, plan, there === undefined)
    const made = await findMachine(libvirt, uuid)
    if (!made) throw notFound('machine', uuid)
    return describe(libvirt, made, site, session.options.userNetwork)
  }
}

/** Undefined when somebody else with the same key was faster. */
async function claim(libvirt: Libvirt, plan: MachinePlan, uuid: string): Promise<FoundMachine | undefined> {
  const { disks, seed } = plan.files(uuid)
  const domain: DomainPlan = {
    ...plan,
    uuid,
    mark: { ...plan.mark, isIncomplete: true },
    diskFiles: disks.map(fileOf),
    ...(seed && { seed: fileOf(seed) }),
  }
  try {
    // Its name is new each time: libvirt refuses another name under a UUID that is taken, and so cannot replace what is there.
    await libvirt.define(renderDomain(domain))
  } catch (error) {
    if (saysNo(error, 'operationFailed', 'domainExists') && /already (defined|exists)/.test(error.message)) return undefined
    throw error
  }
  return getMachine(libvirt, uuid)
}

async function complete(
  libvirt: Libvirt,
  deed: Deed,
  { domain, hardware }: FoundMachine,
  plan: MachinePlan,
  isOurs: boolean,
): Promise<void> {
  const { disks, seed } = plan.files(domain.uuid)
  const files = [...disks, ...(seed ? [seed] : [])]
  try {
    for (const file of files) await makeFile(libvirt, file)
    const mark = renderMark({ ...hardware.mark, isIncomplete: false }).toString()
    await libvirt.setMetadata(domain, markUri, markPrefix, mark, flags.affectConfig)
  } catch (error) {
    // What another process has begun is left to it.
    if (isOurs) {
      await deed.undo(async () => {
        for (const file of files) await removeFile(libvirt, fileOf(file))
        await libvirt.undefine(domain)
      })
    }
    throw error
  }
}

async function makeFile(libvirt: Libvirt, file: FilePlan): Promise<void> {
  try {
    try {
      await file.make(libvirt)
    } catch (error) {
      // Copying says it in its own way.
      const isThere = saysNo(error, 'volumeExists') || (saysNo(error, 'internal') && /already in use/.test(error.message))
      if (!isThere) throw error
      // Begun by a process that is gone, or by one that is as busy with it as we are; libvirt goes on with it in any case.
      await untilBuilt(libvirt, file)
    }
    await file.finish?.(libvirt)
  } catch (error) {
    if (error instanceof Error && /No space left on device/.test(error.message)) {
      throw datastoreFull(file.pool.name, file.pool.freeMiB, file.pool.freeMiB + 1)
    }
    throw error
  }
}

async function untilBuilt(libvirt: Libvirt, { pool, name }: FilePlan): Promise<void> {
  for (const since = Date.now(); ;) {
    try {
      await libvirt.volumeInfo(await libvirt.volume(pool, name))
      return
    } catch (error) {
      // It is on libvirt's list before its file is on the disk.
      const isAboutToCome = saysNo(error, 'noVolume') && Date.now() - since < 10_000
      if (!isAboutToCome && !saysNo(error, 'operationInvalid')) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Promises: of a file that is gone, fine. */
export async function removeFile(libvirt: Libvirt, path: string): Promise<void> {
  try {
    await libvirt.deleteVolume(await libvirt.volumeAt(path))
  } catch (error) {
    if (!saysNo(error, 'noVolume', 'noPool')) throw error
  }
}

export function fileOf({ pool, name }: Pick<FilePlan, 'pool' | 'name'>): string {
  return `${pool.path.replace(/\/+$/, '')}/${name}`
}

/** An empty disk. */
export function emptyDisk(uuid: string, disk: PlannedDisk, index: number): FilePlan {
  const name = diskName(uuid, index)
  const { pool } = disk
  const isThick = disk.provisioning === 'thick'
  const description = diskXml(name, disk.sizeMiB, isThick)
  return { pool, name, make: (libvirt) => libvirt.createVolume(pool, description, isThick ? flags.preallocate : 0) }
}

export function diskName(uuid: string, index: number): string {
  return `virtkit-${uuid}-${index}.qcow2`
}

export function diskXml(name: string, sizeMiB: number, isThick = false): string {
  return xml(
    'volume',
    {},
    xml('name', {}, name),
    xml('capacity', { unit: 'MiB' }, sizeMiB),
    xml('allocation', { unit: 'MiB' }, isThick ? sizeMiB : 0),
    xml('target', {}, xml('format', { type: 'qcow2' }), xml('permissions', {}, xml('mode', {}, '0600'))),
  ).toString()
}

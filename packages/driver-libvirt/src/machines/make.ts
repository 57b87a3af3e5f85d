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
  /**
   * Brings one that is there already to what it should be; may be done again. It is a call that libvirt refuses while it still makes
   * the file (looking at the file is none of those).
   */
  settle(libvirt: Libvirt): Promise<void>
}

export interface MachinePlan extends Omit<DomainPlan, 'uuid' | 'diskFiles' | 'seed' | 'consoleLog'> {
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
  const log = consoleLog(uuid, disks)
  const domain: DomainPlan = {
    ...plan,
    uuid,
    mark: { ...plan.mark, isIncomplete: true },
    diskFiles: disks.map(fileOf),
    ...(seed && { seed: fileOf(seed) }),
    ...(log && { consoleLog: fileOf(log) }),
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
  const log = consoleLog(domain.uuid, disks)
  const files = [...disks, ...(seed ? [seed] : []), ...(log ? [log] : [])]
  try {
    for (const file of files) await makeFile(libvirt, file)
    const mark = renderMark({ ...hardware.mark, isIncomplete: false }).toString()
    await libvirt.setMetadata(domain, markUri, markPrefix, mark, flags.affectConfig)
  } catch (error) {
    if (isOurs) {
      await deed.undo(async () => {
        for (const file of files) await removeFile(libvirt, fileOf(file))
        await libvirt.undefine(domain)
      })
      throw error
    }
    // What another process has begun is left to it; it may even have ended it, and run the machine by now.
    if (deed.signal.aborted || !(await isComplete(libvirt, domain.uuid))) throw error
  }
}

async function isComplete(libvirt: Libvirt, uuid: string): Promise<boolean> {
  const found = await findMachine(libvirt, uuid)
  return found !== undefined && !found.hardware.mark.isIncomplete
}

async function makeFile(libvirt: Libvirt, file: FilePlan): Promise<void> {
  try {
    await file.make(libvirt)
  } catch (error) {
    // Copying says it in its own way.
    const isThere = saysNo(error, 'volumeExists') || (saysNo(error, 'internal') && /already in use/.test(error.message))
    // Begun by a process that is gone, or by one that is as busy with it as we are; libvirt goes on with it in any case.
    if (isThere) return settleWhenMade(libvirt, file)
    if (error instanceof Error && /No space left on device/.test(error.message)) {
      throw datastoreFull(file.pool.name, file.pool.freeMiB, file.pool.freeMiB + 1)
    }
    throw error
  }
}

async function settleWhenMade(libvirt: Libvirt, file: FilePlan): Promise<void> {
  for (const since = Date.now(); ;) {
    try {
      return await file.settle(libvirt)
    } catch (error) {
      // It is on libvirt's list before its file is on the disk.
      const isAboutToCome = saysNo(error, 'noVolume') && Date.now() - since < 10_000
      const isBeingMade = saysNo(error, 'operationInvalid') && /still being allocated/.test(error.message)
      if (!isAboutToCome && !isBeingMade) throw error
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
  const { pool, sizeMiB } = disk
  const isThick = disk.provisioning === 'thick'
  const description = diskXml(name, sizeMiB, isThick)
  return {
    pool,
    name,
    make: (libvirt) => libvirt.createVolume(pool, description, isThick ? flags.preallocate : 0),
    settle: async (libvirt) => libvirt.resizeVolume(await libvirt.volume(pool, name), sizeMiB * 1024 ** 2),
  }
}

/** Beside the first disk. It is made before QEMU writes it, so that its pool knows it and whoever destroys the machine finds it. */
function consoleLog(uuid: string, [first]: readonly FilePlan[]): FilePlan | undefined {
  if (!first) return undefined
  const { pool } = first
  const name = consoleLogName(uuid)
  const empty = xml(
    'volume',
    {},
    xml('name', {}, name),
    xml('capacity', { unit: 'bytes' }, 0),
    xml('target', {}, xml('format', { type: 'raw' }), xml('permissions', {}, xml('mode', {}, '0600'))),
  )
  return {
    pool,
    name,
    make: (libvirt) => libvirt.createVolume(pool, empty.toString()),
    settle: async (libvirt) => void (await libvirt.volume(pool, name)),
  }
}

export function consoleLogName(uuid: string): string {
  return `virtkit-${uuid}-console.log`
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

import { type InputProblem, type MachineSpec, VirtkitError } from '@virtkit/spi'
import { VimFault } from '../client/soap/vim-fault.ts'
import type { Found } from '../client/retrieve.ts'
import { type VimArguments, typed } from '../client/xml/write-xml.ts'
import { numberAt } from '../client/xml/xml-tree.ts'
import { datastoreFull, hostResources } from '../errors.ts'
import { mediumProblems } from '../media/find-medium.ts'
import { type Chosen, choosePlace, freeMiB } from '../places/choose-place.ts'
import { writeName } from '../places/entity-name.ts'
import type { PlaceBook } from '../places/place-book.ts'
import type { Place, Places } from '../places/places.ts'
import type { Work } from '../session.ts'
import { type NewDisk, addDisks, addDrive, maxDisks } from './device-changes.ts'
import { findMade } from './find-machine.ts'
import { guestIdOf } from './guest-id.ts'
import {
  type WantedNic,
  memoryProblems,
  nameProblems,
  readNics,
  throwProblems,
  wholeNumberProblems,
} from './machine-input.ts'
import { instanceUuid, machineFolder, markWritten, nameBesides, nameWritten } from './machine-mark.ts'
import { makeOnce } from './make-once.ts'
import { parseMediumRef } from './medium-ref.ts'
import { addNics } from './nic-backing.ts'

export interface MachineMaker {
  readonly book: PlaceBook
  readonly apiVersion: string
  /** The datacenter of machines that name none. */
  readonly datacenter: string | undefined
}

/** A machine that has been checked: what is asked for can be. */
interface Draft {
  readonly chosen: Chosen
  readonly disks: readonly NewDisk[]
  readonly nics: readonly WantedNic[]
  readonly iso: string | undefined
}

export async function createMachine(work: Work, maker: MachineMaker, spec: MachineSpec, key: string): Promise<Found> {
  const made = await findMade(work, key)
  if (made) return made
  const draft = await check(work, await maker.book.places(work.signal), maker, spec)
  const deviceChange = [...addDisks(draft.disks), ...addDrive(draft.iso), ...(await addNics(work, draft.nics))]
  const create = (name: string, extra: readonly VimArguments[]): Promise<unknown> => {
    const config = configOf({
      name,
      extra,
      spec,
      key,
      draft,
      deviceChange,
      guestId: guestIdOf(spec.guestOs, maker.apiVersion),
    })
    const { folder, pool, host } = draft.chosen
    return work.task('CreateVM_Task', folder, { config, pool, host: host?.ref })
  }
  return makeOnce(work, key, async () => {
    try {
      return await create(spec.name, [])
    } catch (error) {
      // The contract lets two machines have one name; a folder does not.
      if (!(error instanceof VimFault) || error.fault !== 'DuplicateName') throw error
      return create(nameBesides(spec.name, key), [nameWritten(spec.name)])
    }
  })
}

interface ConfigParts {
  readonly name: string
  readonly extra: readonly VimArguments[]
  readonly spec: MachineSpec
  readonly key: string
  readonly draft: Draft
  readonly deviceChange: readonly VimArguments[]
  readonly guestId: string
}

/** In the order of VirtualMachineConfigSpec. */
function configOf({ name, extra, spec, key, draft, deviceChange, guestId }: ConfigParts): VimArguments {
  const folder = machineFolder(key)
  return {
    name: writeName(name),
    instanceUuid: instanceUuid(key),
    guestId,
    annotation: spec.notes,
    files: { vmPathName: `[${draft.chosen.datastore.name}] ${folder}/${folder}.vmx` },
    numCPUs: spec.cpus,
    memoryMB: spec.memoryMiB,
    deviceChange,
    extraConfig: [markWritten(key), ...extra],
    bootOptions: draft.iso === undefined ? undefined : bootDriveFirst(),
    firmware: spec.firmware === 'uefi' ? 'efi' : 'bios',
  }
}

export function bootDriveFirst(): VimArguments {
  return { bootOrder: [typed('VirtualMachineBootOptionsBootableCdromDevice', {})] }
}

async function check(work: Work, places: Places, { datacenter }: MachineMaker, spec: MachineSpec): Promise<Draft> {
  const problems: InputProblem[] = [
    ...nameProblems(spec.name),
    ...wholeNumberProblems('cpus', spec.cpus, 1),
    ...memoryProblems(spec.memoryMiB),
    ...(spec.firmware === 'bios' || spec.firmware === 'uefi'
      ? []
      : [{ field: 'firmware', problem: "must be 'bios' or 'uefi'" }]),
  ]
  if (spec.disks.length > maxDisks) problems.push({ field: 'disks', problem: `a machine has at most ${maxDisks} disks` })
  const chosen = choosePlace(places, spec.placement, datacenter, problems)
  const disks = spec.disks.map((disk, i) => {
    problems.push(...wholeNumberProblems(`disks[${i}].sizeMiB`, disk.sizeMiB, 1))
    return { ...disk, datastore: storeOfDisk(places, chosen, disk.datastore, `disks[${i}].datastore`, problems) }
  })
  const nics = readNics(places, chosen?.datacenter, spec.nics, problems)
  const medium = spec.medium && parseMediumRef(spec.medium.ref)
  if (spec.medium) problems.push(...(await mediumProblems(work, places, spec.medium.ref, 'medium.ref')))
  throwProblems(problems)
  if (!chosen) throw new VirtkitError('INTERNAL', 'A place was neither found nor refused.', { details: {} })
  const placed = disks.map((disk) => ({ ...disk, datastore: disk.datastore ?? chosen.datastore }))
  checkSpace(placed)
  checkHosts(chosen.hosts, spec)
  return { chosen, disks: placed, nics, iso: medium?.file }
}

function storeOfDisk(
  places: Places,
  chosen: Chosen | undefined,
  name: string | undefined,
  field: string,
  problems: InputProblem[],
): Place | undefined {
  if (name === undefined) return chosen?.datastore
  const here = places
    .datastores()
    .filter((each) => !chosen || places.datacenterOf(each)?.ref.id === chosen.datacenter.ref.id)
  const found = here.find((each) => each.name === name)
  const hint = `known: ${here
    .slice(0, 20)
    .map((each) => each.name)
    .join(', ')}`
  if (!found) problems.push({ field, problem: `there is no datastore ${JSON.stringify(name)}`, hint })
  return found
}

/** A thick disk needs its size now; a thin one has to fit at all. Throws `DATASTORE_FULL`. */
function checkSpace(disks: readonly NewDisk[]): void {
  const stores = Map.groupBy(disks, (disk) => disk.datastore)
  for (const [store, here] of stores) {
    const thick = here.filter((disk) => disk.provisioning === 'thick').reduce((sum, disk) => sum + disk.sizeMiB, 0)
    const largest = Math.max(...here.map((disk) => disk.sizeMiB))
    const free = freeMiB(store)
    const capacity = Math.floor((numberAt(store.properties['summary'], 'capacity') ?? 0) / 1024 / 1024)
    if (thick > free) throw datastoreFull(store.name, free, thick)
    if (largest > capacity) throw datastoreFull(store.name, free, largest)
  }
}

/** More memory than any of these hosts has will never run. Throws `HOST_RESOURCES`. */
function checkHosts(hosts: readonly Place[], { memoryMiB }: MachineSpec): void {
  const memory = (host: Place): number =>
    Math.floor((numberAt(host.properties['summary.hardware.memorySize']) ?? 0) / 1024 / 1024)
  const [largest] = hosts.toSorted((a, b) => memory(b) - memory(a))
  if (largest && memory(largest) > 0 && memoryMiB > memory(largest)) {
    throw hostResources(largest.name, 'memory', memory(largest), memoryMiB)
  }
}

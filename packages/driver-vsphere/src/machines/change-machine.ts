import type { InputProblem, MachineChange, OwnedMachine } from '@virtkit/spi'
import type { Found } from '../client/retrieve.ts'
import type { VimArguments } from '../client/xml/write-xml.ts'
import { numberAt, refAt } from '../client/xml/xml-tree.ts'
import { datastoreFull } from '../errors.ts'
import { freeMiB } from '../places/choose-place.ts'
import { writeName } from '../places/entity-name.ts'
import type { PlaceBook } from '../places/place-book.ts'
import type { Places } from '../places/places.ts'
import type { Work } from '../session.ts'
import { growDisk, removeDevice } from './device-changes.ts'
import { devicesOf } from './devices.ts'
import { getOwned } from './find-machine.ts'
import { memoryProblems, nameProblems, readNics, throwProblems, wholeNumberProblems } from './machine-input.ts'
import { machineInfo, machinePaths, sizeMiBOf } from './machine-view.ts'
import { addNics } from './nic-backing.ts'

/** Changes a machine of ours. Promises: one call to the server, so all or nothing; none when it is so already. */
export async function changeMachine(
  work: Work,
  book: PlaceBook,
  owned: OwnedMachine,
  change: MachineChange,
): Promise<void> {
  const found = await getOwned(work, owned, machinePaths)
  const spec = await changeSpec(work, await book.places(work.signal), found, change, '')
  if (spec) await work.task('ReconfigVM_Task', found.ref, { spec })
}

/** What has to be written to make a machine so; undefined when it is. Throws `INVALID_INPUT`, `DATASTORE_FULL`. */
export async function changeSpec(
  work: Work,
  places: Places,
  found: Found,
  change: MachineChange,
  extra: '' | 'clone',
): Promise<VimArguments | undefined> {
  const problems: InputProblem[] = []
  const now = machineInfo(found, places)
  const devices = devicesOf(found.properties['config.hardware.device'])
  const { name, cpus, memoryMiB, diskSizesMiB = [] } = change
  if (name !== undefined) problems.push(...nameProblems(name))
  if (cpus !== undefined) problems.push(...wholeNumberProblems('cpus', cpus, 1))
  if (memoryMiB !== undefined) problems.push(...memoryProblems(memoryMiB))
  const fieldOf = (i: number): string => (extra === 'clone' ? 'diskSizeMiB' : `diskSizesMiB[${i}]`)
  const grown = diskSizesMiB.flatMap((size, i) => {
    if (size === undefined) return []
    const disk = devices.disks[i]
    const has = sizeMiBOf(disk)
    const wrong = wholeNumberProblems(fieldOf(i), size, 1)
    if (disk === undefined) wrong.push({ field: fieldOf(i), problem: `the machine has ${devices.disks.length} disks` })
    else if (size < has) wrong.push({ field: fieldOf(i), problem: `the disk has ${has} MiB; disks only grow` })
    problems.push(...wrong)
    return wrong.length > 0 || size === has ? [] : [{ disk, size, has, datastore: now.disks[i]?.datastore ?? '' }]
  })
  const host = places.get(refAt(found.properties['runtime.host']))
  const nics = change.nics && readNics(places, places.datacenterOf(host), change.nics, problems)
  throwProblems(problems)
  for (const { datastore, size, has } of grown) {
    const store = places.datastores().find((each) => each.name === datastore)
    const capacity = Math.floor((numberAt(store?.properties['summary'], 'capacity') ?? Infinity) / 1024 / 1024)
    if (store && size > capacity) throw datastoreFull(datastore, freeMiB(store), size - has)
  }

  const isSame =
    nics === undefined ||
    (nics.length === now.nics.length &&
      nics.every((nic, i) => nic.mac === now.nics[i]?.mac && nic.network.name === now.nics[i]?.network))
  const deviceChange = [
    ...(isSame ? [] : [...devices.nics.map(removeDevice), ...(await addNics(work, nics))]),
    ...grown.map(({ disk, size }) => growDisk(disk, size)),
  ]
  const spec: VimArguments = {
    name: name === undefined || name === now.name ? undefined : writeName(name),
    numCPUs: cpus === now.cpus ? undefined : cpus,
    memoryMB: memoryMiB === now.memoryMiB ? undefined : memoryMiB,
    deviceChange: deviceChange.length === 0 ? undefined : deviceChange,
  }
  return Object.values(spec).some((value) => value !== undefined) ? spec : undefined
}

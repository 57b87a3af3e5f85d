import type { DiskSpec, InputProblem, MachineSpec } from '@virtkit/spi'
import { checkRoom } from './capacity.ts'
import { nameProblems, readNics, throwProblems, wholeNumberProblems } from './input.ts'
import { type Site, datastoreProblems, hostFor, resolvePlacement } from './placement.ts'
import type { Content, DiskState, HardwareState, MachineState, WorldState } from './world-state.ts'

/** A machine as it would be, without ref, mark and place in the order. */
export type MachineDraft = Omit<MachineState, 'ref' | 'sequence' | 'key'>

/**
 * Reads what was asked for against what the world has. It changes nothing.
 * Throws `INVALID_INPUT` with every problem, then `HOST_RESOURCES`, then `DATASTORE_FULL`.
 */
export function draftMachine(state: WorldState, spec: MachineSpec, files: Content = {}): MachineDraft {
  const problems: InputProblem[] = [
    ...nameProblems('name', spec.name, 80),
    ...wholeNumberProblems('cpus', spec.cpus, 1),
    ...wholeNumberProblems('memoryMiB', spec.memoryMiB, 1),
  ]
  if (spec.firmware !== 'bios' && spec.firmware !== 'uefi')
    problems.push({ field: 'firmware', problem: "must be 'bios' or 'uefi'" })
  if (spec.medium && !state.media.has(spec.medium.ref)) {
    problems.push({ field: 'medium.ref', problem: 'there is no such medium', hint: 'upload it first' })
  }
  const site = resolvePlacement(state, spec.placement ?? {}, problems)
  const disks = readDisks(state, spec.disks, site, problems)
  const nics = readNics(state, site?.datacenter, spec.nics, problems)
  throwProblems(problems)
  const { datacenter, hosts, pinned, resourcePool, folder } = site!
  const host = hostFor(hosts, spec).name
  checkRoom(state, disks, files)
  const { name, cpus, memoryMiB, firmware, guestOs, notes, medium } = spec
  return {
    ...defined({ resourcePool, folder, guestOs, notes, medium: medium?.ref }),
    name,
    cpus,
    memoryMiB,
    firmware,
    disks,
    nics,
    host,
    pinned,
    datacenter,
    bootsFrom: medium ? 'medium' : 'disk',
    power: 'off',
    isTemplate: false,
    files: { ...files },
    memory: {},
    addresses: [],
    snapshots: [],
  }
}

function readDisks(
  state: WorldState,
  disks: readonly DiskSpec[],
  site: Site | undefined,
  problems: InputProblem[],
): DiskState[] {
  if (!Array.isArray(disks)) {
    problems.push({ field: 'disks', problem: 'must be a list' })
    return []
  }
  return disks.map((disk: DiskSpec, i) => {
    problems.push(...wholeNumberProblems(`disks[${i}].sizeMiB`, disk.sizeMiB, 1))
    if (disk.provisioning !== 'thin' && disk.provisioning !== 'thick') {
      problems.push({ field: `disks[${i}].provisioning`, problem: "must be 'thin' or 'thick'" })
    }
    if (disk.datastore !== undefined && site) problems.push(...otherDatastoreProblems(state, disk.datastore, site, i))
    return {
      sizeMiB: disk.sizeMiB,
      provisioning: disk.provisioning,
      datastore: disk.datastore ?? site?.datastore.name ?? '',
    }
  })
}

function otherDatastoreProblems(state: WorldState, name: string, site: Site, i: number): InputProblem[] {
  const field = `disks[${i}].datastore`
  const here = state.datastores.filter((one) => one.datacenter === site.datacenter)
  const found = here.find((one) => one.name === name)
  if (found) return datastoreProblems(field, found, site.pinned ? site.hosts[0] : undefined)
  const hint = `known: ${here.map((one) => one.name).join(', ')}`
  return [{ field, problem: `there is no datastore ${JSON.stringify(name)}`, hint }]
}

/** The part of a machine that a snapshot keeps, as a copy. */
export function hardwareOf(machine: HardwareState): HardwareState {
  const { cpus, memoryMiB, disks, nics, medium, bootsFrom } = machine
  return structuredClone({ ...defined({ medium }), cpus, memoryMiB, disks, nics, bootsFrom })
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the fields that are undefined: absent and undefined are not the same to whoever compares. */
export function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}

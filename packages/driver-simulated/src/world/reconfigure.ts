import { isDeepStrictEqual } from 'node:util'
import type { InputProblem, MachineChange } from '@virtkit/spi'
import { datastoreFull, freeMiB } from './capacity.ts'
import { nameProblems, readNics, throwProblems, wholeNumberProblems } from './input.ts'
import { hostFor } from './placement.ts'
import { conflict } from './world-core.ts'
import type { DiskState, MachineState, WorldState } from './world-state.ts'

/**
 * Changes name or hardware, all or nothing; answers whether anything changed. Cards, cpus and memory need a machine that is
 * off; disks grow at any time. Throws `INVALID_INPUT`, `CONFLICT`, `HOST_RESOURCES`, `DATASTORE_FULL`.
 */
export function reconfigure(state: WorldState, machine: MachineState, change: MachineChange): boolean {
  const problems: InputProblem[] = []
  const { name = machine.name, cpus = machine.cpus, memoryMiB = machine.memoryMiB } = change
  problems.push(...nameProblems('name', name, 80), ...wholeNumberProblems('cpus', cpus, 1))
  problems.push(...wholeNumberProblems('memoryMiB', memoryMiB, 1))
  const nics = change.nics ? readNics(state, machine.datacenter, change.nics, problems) : machine.nics
  const disks = growDisks(machine.disks, change.diskSizesMiB ?? [], problems)
  throwProblems(problems)

  const hardware = { cpus, memoryMiB, nics }
  const { cpus: oldCpus, memoryMiB: oldMemory, nics: oldNics } = machine
  const otherHardware = !isDeepStrictEqual(hardware, { cpus: oldCpus, memoryMiB: oldMemory, nics: oldNics })
  const otherDisks = !isDeepStrictEqual(disks, machine.disks)
  if (name === machine.name && !otherHardware && !otherDisks) return false
  if (otherHardware && machine.power !== 'off') {
    throw conflict(`${machine.name} must be off before its cpus, memory or network cards change.`, 'power')
  }
  const hosts = state.hosts.filter((host) =>
    machine.pinned ? host.name === machine.host : host.datacenter === machine.datacenter,
  )
  if (otherHardware) hostFor(hosts, { cpus, memoryMiB })
  checkGrowth(state, machine.disks, disks)
  Object.assign(machine, { name, ...hardware, disks })
  return true
}

function growDisks(
  disks: readonly DiskState[],
  sizes: readonly (number | undefined)[],
  problems: InputProblem[],
): DiskState[] {
  if (sizes.length > disks.length) {
    problems.push({
      field: 'diskSizesMiB',
      problem: `the machine has ${disks.length} disks, ${sizes.length} sizes were given`,
    })
  }
  return disks.map((disk, i) => {
    const sizeMiB = sizes[i] ?? disk.sizeMiB
    const field = `diskSizesMiB[${i}]`
    const wrong = wholeNumberProblems(field, sizeMiB, 1)
    if (wrong.length === 0 && sizeMiB < disk.sizeMiB) {
      wrong.push({ field, problem: `disks only grow; it has ${disk.sizeMiB} MiB` })
    }
    problems.push(...wrong)
    return { ...disk, sizeMiB }
  })
}

/** Thick disks need room for what they grow by; no disk may be larger than its datastore. */
function checkGrowth(state: WorldState, before: readonly DiskState[], after: readonly DiskState[]): void {
  for (const datastore of state.datastores) {
    const free = freeMiB(state, datastore)
    let asked = 0
    after.forEach((disk, i) => {
      const growth = disk.sizeMiB - (before[i]?.sizeMiB ?? 0)
      if (disk.datastore !== datastore.name || growth === 0) return
      if (disk.sizeMiB > datastore.capacityMiB) throw datastoreFull(datastore.name, free, growth)
      if (disk.provisioning === 'thick') asked += growth
    })
    if (asked > free) throw datastoreFull(datastore.name, free, asked)
  }
}

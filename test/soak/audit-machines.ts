import type { WorldSummary } from '@virtkit/driver-simulated'
import type { Problem } from './finding.ts'
import type { Entry } from './journal.ts'
import type { SqlDoor } from './sql-door.ts'

interface MachineRow {
  readonly key: number
  readonly name: string
  readonly cpus: number
  readonly memory: number
  readonly disk: number
  readonly state: string
  readonly ref: string | null
  readonly mark: string
  readonly version: number
}

/** The hypervisor has what the books say, no more and no less; and what clients were told of machines and operations holds. */
export async function auditMachines(door: SqlDoor, world: WorldSummary, entries: readonly Entry[]): Promise<Problem[]> {
  const rows = await door.all<MachineRow>(
    `select key, name, cpus, memory_mi_b as memory, disk_mi_b as disk, state, ref, mark, version from machines`,
  )
  const problems: Problem[] = []
  const say = (check: Problem['check'], text: string): void => void problems.push({ check, text })

  const byMark = new Map(rows.map((row) => [row.mark, row]))
  for (const { ref, name, key } of world.machines) {
    if (byMark.get(key ?? '')?.ref !== ref) say('hypervisor', `${name} is on the hypervisor and nobody here knows of it`)
  }
  const there = new Map(world.machines.map((machine) => [machine.ref, machine]))
  for (const { name, ref, state, mark, cpus, memory, disk } of rows) {
    if (state !== 'planned' && state !== 'deployed') say('operation', `${name} is ${state}, and nobody works on it`)
    if (ref === null) continue
    const machine = there.get(ref)
    const size = `${machine?.cpus} ${machine?.memoryMiB} ${machine?.disks[0]?.sizeMiB}`
    if (machine?.key !== mark) say('hypervisor', `${name} is deployed and not on the hypervisor`)
    else if (size !== `${cpus} ${memory} ${disk}`) {
      say('hypervisor', `${name} has ${size} on the hypervisor and ${cpus} ${memory} ${disk} in the books`)
    }
  }

  const byKey = new Map(rows.map((row) => [row.key, row]))
  const removing = new Set(entries.flatMap(({ move }) => (move.kind === 'remove' ? [move.machine] : [])))
  for (const { id, answer } of entries) {
    const told = answer?.machine
    const row = told && byKey.get(told.key)
    if (told && !row && !removing.has(told.key))
      say('lost answer', `${id}: machine ${told.key} was answered and is not there`)
    if (!told || !row) continue
    if (row.version < told.version) say('lost answer', `${id}: machine ${told.key} is older than what was answered`)
    const size = `${row.cpus} ${row.memory} ${row.disk}`
    if (row.version === told.version && size !== told.size) {
      say('lost answer', `${id}: machine ${told.key} was answered with ${told.size} and has ${size}`)
    }
  }
  const ends = await door.all<{ id: string; state: string }>(`select id, state from operations`)
  const states = new Map(ends.map((each) => [each.id, each.state]))
  for (const { id, move, answer } of entries) {
    const { operation } = answer ?? {}
    if (!operation) continue
    if (states.get(operation.id) !== operation.state) {
      say('lost answer', `${id}: ${operation.id} was answered as ${operation.state} and is ${states.get(operation.id)}`)
    }
    if (move.kind === 'remove' && operation.state === 'succeeded' && byKey.has(move.machine)) {
      say('lost answer', `${id}: machine ${move.machine} was removed and is there`)
    }
  }
  return problems
}

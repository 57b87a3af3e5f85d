import type { MachineInfo, NicSpec } from '@virtkit/spi'
import { diskMiBOf } from './import-rules.ts'
import type { MachineDifference } from './machine-imports.ts'

/** A machine on paper, as far as a hypervisor has it too. */
export interface ComparedMachine extends Pick<MachineInfo, 'name' | 'cpus' | 'memoryMiB' | 'firmware'> {
  readonly mark: string
  readonly diskMiB: number
  readonly nics: readonly NicSpec[]
}

/** Where the two differ, field by field. */
export function differencesOf(paper: ComparedMachine, info: MachineInfo | undefined): readonly MachineDifference[] {
  if (!info) return [{ field: 'existence', paper: 'there', hypervisor: 'gone' }]
  const pairs: readonly (readonly [MachineDifference['field'], string, string])[] = [
    // Marks are nobody's to read: whether it is ours is all that is told.
    ['mark', 'ours', info.key === paper.mark ? 'ours' : info.key === undefined ? 'none' : "another's"],
    ['name', paper.name, info.name],
    ['cpus', String(paper.cpus), String(info.cpus)],
    ['memoryMiB', String(paper.memoryMiB), String(info.memoryMiB)],
    ['diskMiB', String(paper.diskMiB), String(diskMiBOf(info))],
    ['firmware', paper.firmware, info.firmware],
    ['networks', shown(paper.nics), shown(info.nics)],
  ]
  return pairs.flatMap(([field, here, there]) => (here === there ? [] : [{ field, paper: here, hypervisor: there }]))
}

function shown(nics: readonly NicSpec[]): string {
  return nics.map(({ network, mac }) => `${network} ${mac.toLowerCase()}`).join(', ')
}

import { invalidInput } from '@virtkit/spi'
import type { FaultRule } from '../faults.ts'
import type { Simulator } from '../session.ts'
import type { World } from '../world/world.ts'

const faultKinds: readonly FaultRule['kind'][] = ['refused', 'busy', 'gone', 'answer-lost', 'slow', 'hang']

/** What an experimenter in another process may do with a world, by name. */
export const worldDeeds = [
  'readDisk',
  'writeDisk',
  'readMemory',
  'writeMemory',
  'console',
  'addMachine',
  'removeMachine',
  'moveMachine',
  'setHostOnline',
] as const

export type WorldDeed = (typeof worldDeeds)[number]

/** `POST /world {deed, args}`: answers what the deed answers. */
export async function doDeed(world: World, simulator: Simulator, body: unknown): Promise<object> {
  const { deed, args } = fieldsOf(body)
  if (!worldDeeds.includes(deed as WorldDeed) || !Array.isArray(args)) {
    throw invalidInput([{ field: 'deed', problem: `must be one of ${worldDeeds.join(', ')}, with a list of args` }])
  }
  const deeds = world as unknown as Record<string, (...given: unknown[]) => unknown>
  const result = deeds[deed as WorldDeed]!(...(args as unknown[]))
  await simulator.core.keeper.saved()
  return { result }
}

/** `POST /faults`: a rule as JSON; answers its id. */
export function addFault(simulator: Simulator, body: unknown): object {
  const rule = fieldsOf(body)
  if (typeof rule['method'] !== 'string' || !faultKinds.includes(rule['kind'] as FaultRule['kind'])) {
    throw invalidInput([{ field: 'kind', problem: `must be one of ${faultKinds.join(', ')}, with a method or *` }])
  }
  return { id: simulator.faults.add(rule as unknown as FaultRule).id }
}

/** `DELETE /faults` or `/faults/ID`. */
export function removeFaults(simulator: Simulator, id: string | undefined): object {
  if (id === undefined) simulator.faults.clear()
  else simulator.faults.remove(Number(id))
  return {}
}

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? { ...body } : {}
}

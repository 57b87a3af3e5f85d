import { type OperationContract, type Resource, contract } from '@virtkit/rest/contract'
import { invalidInput } from '@virtkit/spi'
import type { CommandName } from './command.ts'

/** What a queue takes unless it is told otherwise: the life of machines. Users, secrets, settings and the end of all things are not in it. */
const usual: readonly string[] = [
  'operations',
  'templates',
  'virtualMachineNetworks',
  'virtualMachineSnapshots',
  'virtualMachines',
]

const resources: Readonly<Record<string, Resource>> = contract

/** Operations by name. */
export type CommandOperations = ReadonlyMap<string, OperationContract>

/** Whether an operation can be asked for by a message: it changes something, by JSON, and knows who asks. */
function isCommand({ method, permission, file, result }: OperationContract): boolean {
  return method !== 'GET' && permission !== 'public' && file === undefined && typeof result !== 'string'
}

/** Those that a queue takes. Throws `INVALID_INPUT` for a name that is none, or none that a message can ask for. */
export function commandOperations(names?: readonly CommandName[]): CommandOperations {
  const all = new Map(
    Object.entries(resources).flatMap(([resource, operations]) =>
      Object.entries(operations)
        .filter(([, operation]) => isCommand(operation))
        .map(([name, operation]) => [`${resource}.${name}`, operation] as const),
    ),
  )
  if (names === undefined) return new Map([...all].filter(([name]) => usual.includes(name.slice(0, name.indexOf('.')))))
  const unknown = names.filter((name) => !all.has(name))
  if (unknown.length > 0) {
    throw invalidInput(
      unknown.map((name) => ({ field: 'operations', problem: `${name} is nothing that a message can ask for` })),
      'Take names of changes in the REST contract, such as virtualMachines.create.',
    )
  }
  return new Map(names.map((name) => [name, all.get(name)!]))
}

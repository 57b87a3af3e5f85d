import type { OperationContract, Resource } from '@virtkit/rest/contract'
import { renderTable } from '../table.ts'

/** An operation as the original's documentation names it. */
export interface Original {
  readonly method: string
  readonly path: string
}

type Contract = Readonly<Record<string, Resource>>

/** The verbs of the command for those of the contract, the likeliest first. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  create: ['add', 'create'],
  get: ['show', 'get'],
  update: ['set', 'update', 'change'],
  remove: ['delete', 'remove', 'reset'],
  poweron: ['power', 'power on'],
  poweroff: ['power', 'power off'],
}

/** Nouns of the command that are not the resource's own name. */
const nouns: Readonly<Record<string, string>> = {
  virtualMachines: 'machine',
  virtualMachineNetworks: 'machine network',
  virtualMachineSnapshots: 'snapshot',
  resourceContingents: 'contingent',
  usergroups: 'group',
  notificationFilter: 'notification',
  operatingSystems: 'os',
  setting: 'settings',
}

/**
 * The page for people who come from the original: each of its operations, where it is over HTTP, in the typed client and in the command.
 * `commands` is the command's own reference, which says what there is. Throws for an operation that the contract has not. Pure.
 */
export function renderOriginal(originals: readonly Original[], contract: Contract, commands: string): string {
  const named = new Map<string, { resource: string; name: string; each: OperationContract }>(
    Object.entries(contract).flatMap(([resource, operations]) =>
      Object.entries(operations).map(([name, each]) => [`${each.method} ${each.path}`, { resource, name, each }] as const),
    ),
  )
  const rows = originals.map(({ method, path }) => {
    const found = named.get(`${method} ${path}`)
    if (!found) throw new Error(`${method} ${path} is nowhere`)
    const { resource, name, each } = found
    return {
      resource,
      cells: [
        `\`${method} ${path}\``,
        titleOf(each),
        `\`client.${resource}.${name}\``,
        commandOf(resource, name, commands),
      ],
    }
  })
  const columns = ['Operation', 'Does', 'Typed client', ...(commands === '' ? [] : ['Command'])]
  const sections = [...Map.groupBy(rows, ({ resource }) => resource)].map(
    ([resource, members]) =>
      `## ${resource}\n\n${renderTable(
        columns,
        members.map(({ cells }) => cells.slice(0, columns.length)),
      )}`,
  )
  return `# Coming from the original

Its ${originals.length} operations are all here, at the same paths below the same base (\`/rest/v1\`), with the same fields and the same forms of errors: a client
made for it works. \`createClient\` of \`@virtkit/rest/client\` calls them with types. What an answer has more is told in [HTTP API](rest.md).
${commands === '' ? '' : 'An operation without a command is for programs, or is part of another command.\n'}
${sections.join('\n\n')}
`
}

const titleOf = ({ title }: OperationContract): string => title

/** Commands that are not called after what they do over HTTP. */
const byThemselves: Readonly<Record<string, string>> = {
  'token.create': 'login',
  'destroy.create': 'logout',
  'logs.create': 'logs query',
}

/** The first of the likely commands that the reference of the command knows. */
function commandOf(resource: string, name: string, commands: string): string {
  const noun = nouns[resource] ?? resource.replace(/s$/, '')
  const words = [...(verbs[name] ?? []), name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)]
  const own = byThemselves[`${resource}.${name}`]
  const likely = own === undefined ? words.flatMap((verb) => [`${noun} ${verb}`, `${noun}s ${verb}`]) : [own]
  const found = likely.find((each) => new RegExp(`virtkit ${each}(?![\\w-])`).test(commands))
  return found === undefined ? '' : `\`virtkit ${found}\``
}

import { VirtkitError, invalidInput, localMacRange, notFound, parseMac, toVirtkitError } from '@virtkit/spi'
import type { By } from '../access/actor.ts'
import { conflict } from '../access/clash.ts'
import { contingentExceeded } from '../contingents/contingent-rules.ts'
import type { Queries } from '../database/database.ts'
import { licenseProblem } from '../licensing/license-rules.ts'
import type { MachineNetworkInput } from './machine-networks.ts'
import type { MachinePlan, PlannedCard } from './machine-plan.ts'
import { amountOf, parseMachineShape, releaseProblems } from './machine-rules.ts'
import type { MachineInput } from './machines.ts'
import type { MachineParts } from './sql-machines.ts'

/** Looks at everything that `create` would look at, and goes on after each problem. */
export async function planMachine(parts: MachineParts, input: unknown, by: By | undefined): Promise<MachinePlan> {
  const { access, catalog, licensing } = parts
  const actor = access.require(by, 'machines:write')
  const groups = access.groupsOf(actor)
  const problems: VirtkitError[] = []
  const license = await licensing.get()
  const note = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      problems.push(toVirtkitError(error))
      return undefined
    }
  }
  const machine = await note(async () => parseMachineShape(input))
  const isLimited = licenseProblem(license)
  if (isLimited) problems.push(isLimited)
  // How many machines others have is not everybody's to know.
  const maySeeLicense = actor.kind === 'system' || actor.permissions === 'all' || actor.permissions.has('license:read')
  const told = maySeeLicense ? { license } : {}
  if (!machine) return { isPossible: false, problems, networks: [], ...told }

  const ofRelease = releaseProblems(catalog, machine)
  if (ofRelease.length > 0) problems.push(invalidInput(ofRelease))
  const contingent = await note(async () => {
    if (groups !== 'all' && !groups.includes(machine.owner)) throw notFound('user group', machine.owner)
    return parts.contingents.plan(machine.owner, amountOf(machine))
  })
  if (contingent?.fits === false) problems.push(contingentExceeded(machine.owner, contingent.blocking))
  const cluster = await note(() => parts.clusters.get(machine.cluster, by))
  const networks: PlannedCard[] = []
  if (cluster) {
    await note(() => refuseNameTaken(parts, machine))
    networks.push(...(await planCards(parts, machine, by, problems)))
  }
  const macRange = cluster && (parts.drivers.find(({ name }) => name === cluster.type)?.macRange ?? localMacRange)
  return {
    isPossible: problems.length === 0,
    problems,
    networks,
    ...told,
    ...(contingent && { contingent }),
    ...(macRange && { macRange }),
  }
}

async function refuseNameTaken({ database }: MachineParts, { name, cluster }: MachineInput): Promise<void> {
  const taken = await database.queries
    .selectFrom('machines')
    .select('key')
    .where('clusterKey', '=', cluster)
    .where('name', '=', name)
    .executeTakeFirst()
  if (taken) throw conflict(`There is a machine named ${name} on this cluster.`, { field: 'name', with: name })
}

/** Thrown to end a transaction whose writes nobody wants. */
class Undone extends Error {}

/**
 * Takes the addresses in a transaction that never commits: only so are they those that `create` would be given, whatever is asked
 * for besides and whoever keeps the book.
 */
async function planCards(
  parts: MachineParts,
  machine: MachineInput,
  by: By | undefined,
  problems: VirtkitError[],
): Promise<readonly PlannedCard[]> {
  const { database } = parts
  const cards = machine.networks ?? []
  const known = await Promise.all(cards.map((card) => parts.networks.get(card.network, by).catch(() => undefined)))
  const found: { cards: PlannedCard[]; problems: VirtkitError[] } = { cards: [], problems: [] }
  const macs = new Set<string>()
  const plan = async (queries: Queries): Promise<void> => {
    found.cards = []
    found.problems = []
    macs.clear()
    for (const [position, card] of cards.entries()) {
      const planned: { network: number; ip?: string; mac?: string } = { network: card.network }
      found.cards.push(planned)
      for (const look of [
        async () => {
          const network = known[position]
          if (!network) throw notFound('network', card.network)
          if (network.cluster !== machine.cluster) {
            throw conflict(`The network ${network.name} is not on the machine's cluster.`, {
              field: `networks[${position}].network`,
              with: String(network.cluster),
            })
          }
          if (network.dhcp && card.ip === undefined) return
          const asked = card.ip === undefined ? {} : { address: card.ip }
          const request = { networkKey: card.network, owner: `plan/${position}`, ...asked }
          planned.ip = await parts.addresses.allocate(queries, request)
        },
        async () => {
          const mac = await freeMac(queries, machine.cluster, card, position, macs)
          if (mac !== undefined) planned.mac = mac
        },
      ]) {
        await look().catch((error: unknown) => {
          found.problems.push(toVirtkitError(error))
        })
      }
    }
  }
  if (cards.length === 0) return []
  if (database.isLent) throw lent()
  await database
    .transaction(async (queries) => {
      await plan(queries)
      throw new Undone()
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undone)) throw error
    })
  problems.push(...found.problems)
  return found.cards
}

async function freeMac(
  queries: Queries,
  cluster: number,
  card: MachineNetworkInput,
  position: number,
  before: Set<string>,
): Promise<string | undefined> {
  if (card.mac === undefined) return undefined
  const field = `networks[${position}].mac`
  const mac = parseMac(card.mac, field)
  const taken = await queries
    .selectFrom('machineNetworks')
    .select('key')
    .where('clusterKey', '=', cluster)
    .where('mac', '=', mac)
    .executeTakeFirst()
  if (taken || before.has(mac)) throw conflict(`The MAC address ${card.mac} is in use on this cluster.`, { field })
  before.add(mac)
  return mac
}

function lent(): VirtkitError {
  return new VirtkitError('UNSUPPORTED', 'A plan takes addresses and rolls back, which a lent transaction cannot.', {
    details: { feature: 'plan with networks inside of a lent transaction' },
    hint: 'Ask the kit itself.',
  })
}

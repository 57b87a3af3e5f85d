import { type DatastoreInfo, type InventoryOperations, type MachineInfo, VirtkitError, invalidInput } from '@virtkit/spi'
import { inParallel } from '../client/in-parallel.ts'
import type { PveCall } from '../client/pve-call.ts'
import { aborted, isPveError } from '../client/pve-error.ts'
import { type Wire, number, records, text } from '../client/wire.ts'
import type { MachineReader } from '../machine/machine-reader.ts'
import type { Session } from '../session.ts'
import {
  type SiteNode,
  type SiteStorage,
  ofEveryNode,
  readNetworks,
  readNodes,
  readStorages,
  withPromises,
} from '../site/site.ts'

export function inventoryOperations(session: Session, reader: MachineReader): InventoryOperations {
  return {
    defaults: (call) =>
      session.perform(call, async (pve) => {
        const { node: host, pool: resourcePool } = session.options
        const stores = await readDatastores(pve)
        const fitting = stores.filter(
          ({ writable, holds, hosts }) =>
            writable && holds.includes('disks') && (host === undefined || hosts.length === 0 || hosts.includes(host)),
        )
        const datastore = fitting.toSorted((a, b) => b.freeMiB - a.freeMiB)[0]?.name
        return {
          ...(host !== undefined && { host }),
          ...(resourcePool !== undefined && { resourcePool }),
          ...(datastore !== undefined && { datastore }),
        }
      }),
    datacenters: (call) => session.perform(call, async () => []),
    hosts: (call) =>
      session.perform(call, async (pve) => {
        const nodes = await readNodes(pve)
        const guests = await ofEveryNode(nodes, (node) => readGuests(pve, node))
        return nodes.map((node) => {
          const { name, online, cpus, memoryMiB } = node
          const promised = guests
            .filter((guest) => guest.node === name && guest.line['status'] === 'running')
            .reduce((sum, { line }) => sum + (number(line['maxmem']) ?? 0) / 2 ** 20, 0)
          return { name, online, cpus, memoryMiB, freeMemoryMiB: Math.max(0, Math.floor(memoryMiB - promised)) }
        })
      }),
    resourcePools: (call) =>
      session.perform(call, async (pve) =>
        records(await pve.get('/pools')).flatMap((line) => {
          const name = text(line['poolid'])
          return name === undefined ? [] : [{ name }]
        }),
      ),
    datastores: (call) => session.perform(call, readDatastores),
    networks: (call) =>
      session.perform(call, async (pve) => {
        const nodes = await readNodes(pve)
        const all = await ofEveryNode(nodes, (node) => readNetworks(pve, node))
        return [...new Map(all.map((network) => [network.name, network])).values()]
      }),
    machines: (options, call) => {
      if (!Number.isSafeInteger(options.pageSize) || options.pageSize < 1) {
        throw invalidInput([{ field: 'pageSize', problem: 'must be a whole number from 1' }])
      }
      return pages(options.pageSize)

      async function* pages(pageSize: number): AsyncGenerator<readonly MachineInfo[]> {
        const listed = await session.perform(call, (pve) => listGuests(session, pve))
        let page: MachineInfo[] = []
        let silent: { readonly node: string; readonly error: unknown } | undefined
        for (let from = 0; from < listed.length; from += pageSize) {
          const part = listed.slice(from, from + pageSize)
          const found = await session.perform(call, async (pve) =>
            inParallel(part, session.options.parallel, async ({ vmid, node, status }) => {
              if (pve.signal.aborted) throw aborted('no')
              try {
                const there = status && (await reader.readAt(pve, vmid, node, status))
                return (there ?? (await reader.find(pve, String(vmid))))?.info
              } catch (error) {
                if (!isPveError(error, 'unreachable')) throw error
                silent ??= { node, error }
                return undefined
              }
            }),
          )
          // Those that have gone meanwhile leave room for others.
          page.push(...found.filter((info) => info !== undefined))
          while (page.length >= pageSize) {
            yield page.slice(0, pageSize)
            page = page.slice(pageSize)
          }
        }
        if (page.length > 0) yield page
        if (silent) throw incomplete(silent.node, silent.error)
      }
    },
  }
}

interface ListedMachine {
  readonly vmid: number
  readonly node: string
  /** As its node tells it; undefined for one whose state takes a question of its own. */
  readonly status?: Wire
}

/** Every machine, by number, with what its node says of all of them at once. */
async function listGuests(session: Session, pve: PveCall): Promise<readonly ListedMachine[]> {
  const guests = await session.guests(pve)
  const told = new Map<number, Wire>()
  const nodes = await readNodes(pve)
  for (const { line } of await ofEveryNode(nodes, (node) => readGuests(pve, node))) {
    const vmid = number(line['vmid'])
    // A running one may be paused, which the list does not tell.
    if (vmid !== undefined && line['status'] !== 'running') told.set(vmid, { status: line['status'], lock: line['lock'] })
  }
  return [...guests.values()]
    .filter(({ node }) => node !== '')
    .toSorted((a, b) => a.vmid - b.vmid)
    .map(({ vmid, node }) => {
      const status = told.get(vmid)
      return { vmid, node, ...(status && { status }) }
    })
}

async function readGuests(pve: PveCall, node: string): Promise<readonly { readonly node: string; readonly line: Wire }[]> {
  return records(await pve.get('/nodes/{node}/qemu', { node })).map((line) => ({ node, line }))
}

async function readDatastores(pve: PveCall): Promise<readonly DatastoreInfo[]> {
  const nodes = await readNodes(pve)
  const all = await ofEveryNode(nodes, (node) => readStorages(pve, node))
  const byName = [...Map.groupBy(all, ({ name }) => name).values()]
  return inParallel(byName, 4, async (places) => datastoreOf(pve, places, nodes))
}

/** One line for a storage, however many nodes have it: where it is not shared, of the node that has most room. */
async function datastoreOf(
  pve: PveCall,
  places: readonly SiteStorage[],
  nodes: readonly SiteNode[],
): Promise<DatastoreInfo> {
  const shared = places.every((each) => each.shared)
  const active = places.filter((each) => each.active)
  const looked = await inParallel((active.length > 0 ? active : places).slice(0, shared ? 1 : undefined), 4, (each) =>
    withPromises(pve, each),
  )
  const best = looked.reduce((most, each) => (each.freeMiB > most.freeMiB ? each : most))
  const online = nodes.filter((node) => node.online)
  const { name, type, capacityMiB, freeMiB, content } = best
  const hosts = active.map(({ node }) => node)
  return {
    name,
    type,
    writable: best.active,
    capacityMiB,
    freeMiB: Math.min(freeMiB, capacityMiB),
    hosts: hosts.length === online.length ? [] : hosts,
    holds: [
      ...(content.includes('images') ? (['disks'] as const) : []),
      ...(content.includes('iso') ? (['media'] as const) : []),
    ],
  }
}

/** All that could be read has been handed out; a list that misses some must not pass for a whole one. */
function incomplete(node: string, cause: unknown): VirtkitError<'HYPERVISOR_UNAVAILABLE'> {
  return new VirtkitError('HYPERVISOR_UNAVAILABLE', `The node ${node} does not answer: its machines are missing.`, {
    details: {},
    cause,
    hint: 'Take those that were listed as they are, and nothing for gone that was not.',
  })
}

import type { Call, Hypervisor, KeyedCall, MachineEvent, MachineInfo, WatchOperations } from '@virtkit/spi'
import type { RemoteMethod } from './methods.ts'
import type { RemoteSession } from './remote-session.ts'

type Facets = Required<Omit<Hypervisor, 'about' | typeof Symbol.asyncDispose>>

/** The contract's facets, each method one call over the wire. */
export function remoteFacets(session: RemoteSession): Facets {
  // What comes back is what the same facet answered on the other side.
  const ask = <T>(method: RemoteMethod, args: readonly unknown[], call: Call | KeyedCall): Promise<T> =>
    session.call(method, args, call) as Promise<T>
  return {
    inventory: {
      defaults: (call) => ask('inventory.defaults', [], call),
      datacenters: (call) => ask('inventory.datacenters', [], call),
      hosts: (call) => ask('inventory.hosts', [], call),
      resourcePools: (call) => ask('inventory.resourcePools', [], call),
      datastores: (call) => ask('inventory.datastores', [], call),
      networks: (call) => ask('inventory.networks', [], call),
      machines: (options, call) =>
        session.stream('inventory.machines', [options], call) as AsyncIterable<readonly MachineInfo[]>,
    },
    machines: {
      create: (spec, call) => ask('machines.create', [spec], call),
      find: (ref, call) => ask('machines.find', [ref], call),
      findByKey: (key, call) => ask('machines.findByKey', [key], call),
      mark: (ref, call) => ask('machines.mark', [ref], call),
      unmark: (machine, call) => ask('machines.unmark', [plain(machine)], call),
      reconfigure: (machine, change, call) => ask('machines.reconfigure', [plain(machine), change], call),
      destroy: (machine, call) => ask('machines.destroy', [plain(machine)], call),
    },
    power: {
      read: (ref, call) => ask('power.read', [ref], call),
      on: (machine, call) => ask('power.on', [plain(machine)], call),
      off: (machine, call) => ask('power.off', [plain(machine)], call),
      shutdown: (machine, options, call) => ask('power.shutdown', [plain(machine), options], call),
    },
    media: {
      upload: async (image, call) => {
        const { name, sizeBytes, datastore } = image
        const meta = { name, sizeBytes, datastore }
        return (await session.upload(meta, () => image.content(), call)) as Awaited<ReturnType<Facets['media']['upload']>>
      },
      find: (where, call) => ask('media.find', [where], call),
      remove: (ref, call) => ask('media.remove', [ref], call),
      insert: (machine, ref, call) => ask('media.insert', [plain(machine), ref], call),
      eject: (machine, call) => ask('media.eject', [plain(machine)], call),
    },
    console: { tail: (ref, call) => ask('console.tail', [ref], call) },
    guest: { addresses: (ref, call) => ask('guest.addresses', [ref], call) },
    snapshots: {
      supports: { memory: true, quiesce: true, rename: true, updateHardware: true },
      list: (ref, call) => ask('snapshots.list', [ref], call),
      create: (machine, request, call) => ask('snapshots.create', [plain(machine), request], call),
      rename: (machine, id, change, call) => ask('snapshots.rename', [plain(machine), id, change], call),
      revert: (machine, id, call) => ask('snapshots.revert', [plain(machine), id], call),
      remove: (machine, id, options, call) => ask('snapshots.remove', [plain(machine), id, options], call),
      updateHardware: (machine, ids, call) => ask('snapshots.updateHardware', [plain(machine), ids], call),
    },
    templates: {
      list: (call) => ask('templates.list', [], call),
      register: (machine, call) => ask('templates.register', [plain(machine)], call),
      clone: (template, spec, call) => ask('templates.clone', [template, spec], call),
    },
    watch: watchOperations(session),
    privileges: { missing: (call) => ask('privileges.missing', [], call) },
  }
}

function watchOperations(session: RemoteSession): WatchOperations {
  return {
    changes: async function* (options, call) {
      if (call.signal.aborted) return
      try {
        yield* session.stream('watch.changes', [options], call) as AsyncGenerator<MachineEvent>
      } catch (error) {
        if (!call.signal.aborted) throw error
      }
    },
  }
}

/** Callers may hand in richer objects; only the two fields go over the wire. */
function plain({ ref, key }: { readonly ref: string; readonly key: string }): { ref: string; key: string } {
  return { ref, key }
}

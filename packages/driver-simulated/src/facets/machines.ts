import type { MachineOperations } from '@virtkit/spi'
import type { Session } from '../session.ts'
import { checkKey } from '../world/input.ts'
import { draftMachine } from '../world/machine-spec.ts'
import { machineInfo } from '../world/machine-view.ts'
import { conflict, notOurs } from '../world/world-core.ts'
import { reconfigure } from '../world/reconfigure.ts'

export function machineOperations(session: Session): MachineOperations {
  const { core } = session.simulator
  return {
    create: (spec, call) =>
      session.perform({
        method: 'machines.create',
        call,
        subject: { key: call.key, name: spec.name },
        run: () => {
          checkKey(call.key)
          return machineInfo(core.findByKey(call.key) ?? core.add(draftMachine(core.state, spec), call.key))
        },
      }),
    find: (ref, call) =>
      session.perform({
        method: 'machines.find',
        call,
        subject: { ref },
        run: () => {
          const machine = core.state.machines.get(ref)
          return machine && machineInfo(machine)
        },
      }),
    findByKey: (key, call) =>
      session.perform({
        method: 'machines.findByKey',
        call,
        subject: { key },
        run: () => {
          const machine = core.findByKey(key)
          return machine && machineInfo(machine)
        },
      }),
    mark: (ref, call) =>
      session.perform({
        method: 'machines.mark',
        call,
        subject: { ref, key: call.key },
        run: () => {
          checkKey(call.key)
          const machine = core.get(ref)
          if (machine.key === call.key) return
          if (machine.key !== undefined) throw notOurs(ref)
          if (core.findByKey(call.key)) throw conflict('Another machine carries this mark.', 'key')
          machine.key = call.key
          core.tell('changed', ref)
        },
      }),
    unmark: (owned, call) =>
      session.perform({
        method: 'machines.unmark',
        call,
        subject: owned,
        run: () => {
          const machine = core.state.machines.get(owned.ref)
          if (machine?.key === undefined) return
          if (machine.key !== owned.key) throw notOurs(owned.ref)
          delete machine.key
          core.tell('changed', owned.ref)
        },
      }),
    reconfigure: (owned, change, call) =>
      session.perform({
        method: 'machines.reconfigure',
        call,
        subject: owned,
        run: () => {
          const machine = core.getOwned(owned)
          if (reconfigure(core.state, machine, change)) core.tell('changed', owned.ref)
          return machineInfo(machine)
        },
      }),
    destroy: (owned, call) =>
      session.perform({
        method: 'machines.destroy',
        call,
        subject: owned,
        run: () => {
          if (core.state.machines.has(owned.ref)) core.destroy(core.getOwned(owned))
        },
      }),
  }
}

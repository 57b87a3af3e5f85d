import type { SnapshotOperations } from '@virtkit/spi'
import type { Session, Work } from '../session.ts'
import { hasSystem } from '../world/world-core.ts'
import {
  getSnapshot,
  removeSnapshot,
  renameSnapshot,
  revertTo,
  takeSnapshot,
  treeOf,
  updateHardware,
} from '../world/snapshots.ts'
import type { MachineState } from '../world/world-state.ts'

export function snapshotOperations(session: Session): SnapshotOperations {
  const { core, clock } = session.simulator
  const on = <T>(
    method: string,
    owned: { ref: string; key: string },
    call: Work<T>['call'],
    run: (machine: MachineState) => T,
  ): Promise<T> =>
    session.perform({
      method: `snapshots.${method}`,
      call,
      subject: owned,
      run: () => {
        const result = run(core.getOwned(owned))
        core.keeper.touch()
        return result
      },
    })
  return {
    supports: { memory: true, quiesce: true, rename: true, updateHardware: true },
    list: (ref, call) =>
      session.perform({ method: 'snapshots.list', call, subject: { ref }, run: () => treeOf(core.get(ref)) }),
    create: (owned, request, call) =>
      on('create', owned, call, (machine) => {
        const snapshot = takeSnapshot(core.state, machine, request, { id: () => core.nextId('snap'), now: clock.now() })
        const heard = machine.power === 'off' || hasSystem(machine)
        return { id: snapshot.id, quiesce: request.quiesce ? (heard ? 'quiesced' : 'fell-back') : 'not-asked' }
      }),
    rename: (owned, id, change, call) =>
      on('rename', owned, call, (machine) => renameSnapshot(getSnapshot(machine, id), change)),
    revert: (owned, id, call) => on('revert', owned, call, (machine) => revertTo(core, machine, getSnapshot(machine, id))),
    remove: (owned, id, options, call) =>
      on('remove', owned, call, (machine) => removeSnapshot(machine, id, options.children)),
    updateHardware: (owned, ids, call) => on('updateHardware', owned, call, (machine) => updateHardware(machine, ids)),
  }
}

import type { SnapshotOperations } from '@virtkit/spi'
import { type Asking, unless, unsupported } from '../asking.ts'

/** Acme keeps disks and hardware, not memory; `supports` says so, and the cases hold the driver to that. */
export function acmeSnapshots(asking: Asking): SnapshotOperations {
  return {
    supports: { memory: false, quiesce: false, rename: true, updateHardware: false },
    async list(ref, call) {
      const { head, checkpoints } = await asking.read(call, ref, (ask, cloud) => cloud.get(ref, ask))
      const snapshots = checkpoints.map(({ id, title, text, parent, takenAt }) => {
        return { id, name: title, description: text, parent, createdAt: takenAt, memory: false }
      })
      return { current: head, snapshots }
    },
    async create(machine, { name, description, memory, quiesce }, call) {
      const { ref } = machine
      const { running } = await asking.read(call, ref, (ask, cloud) => cloud.get(ref, ask))
      // Of a stopped machine there is no memory to keep.
      if (memory && running) throw unsupported('snapshots with memory')
      if (quiesce) throw unsupported('quiesced snapshots')
      const id = await asking.change(call, machine, (ask, cloud) => cloud.checkpoint(ref, name, description, ask))
      return { id, quiesce: 'not-asked' }
    },
    rename: (machine, id, { name, description }, call) =>
      asking.change(call, machine, (ask, cloud) =>
        cloud.describe(machine.ref, id, { title: name, text: description }, ask),
      ),
    revert: (machine, id, call) => asking.change(call, machine, (ask, cloud) => cloud.goBack(machine.ref, id, ask)),
    async remove(machine, id, { children }, call) {
      await asking.change(call, machine, (ask, cloud) => cloud.forget(machine.ref, id, children, ask)).catch(unless(404))
    },
    updateHardware: () => Promise.reject(unsupported('way to apply hardware to older snapshots')),
  }
}

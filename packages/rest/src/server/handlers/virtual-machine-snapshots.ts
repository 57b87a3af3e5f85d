import type { Snapshot, SnapshotWork } from '@virtkit/core'
import type { virtualMachineSnapshots } from '../../contract/resources/virtual-machine-snapshots.ts'
import type { Answer } from '../answer.ts'
import { toNanoseconds } from '../durations.ts'
import type { Call, Handlers } from '../handler.ts'
import { answerLongWork, doneBy } from '../long-work.ts'

export const virtualMachineSnapshotHandlers: Handlers<typeof virtualMachineSnapshots> = {
  create: async (call) => {
    const { services, params, body, by } = call
    const snapshot = {
      name: body.name,
      ...(body.description !== undefined && { description: body.description }),
      ...(body.includememory !== undefined && { memory: body.includememory }),
    }
    const operation = await services.snapshots.start(params.vmkey, { what: 'create', snapshot }, by)
    return answerLongWork(call, {
      operation,
      done: async () => toWire(params.vmkey, await services.snapshots.takenBy(operation.id, by)),
      goesOn: { msg: 'snapshot is being taken' },
    })
  },
  list: async ({ services, params, by }) =>
    (await services.snapshots.list(params.key, by)).map((snapshot) => toWire(params.key, snapshot)),
  get: async ({ services, params, by }) => toWire(params.vmkey, await services.snapshots.get(params.vmkey, params.key, by)),
  update: (call) => {
    const { name, description } = call.body
    const change = { ...(name !== undefined && { name }), ...(description !== undefined && { description }) }
    return answer(call, call.params.vmkey, { what: 'rename', key: call.params.key, change }, 'snapshot changed')
  },
  remove: (call) => answer(call, call.params.vmkey, { what: 'remove', key: call.params.key }, 'snapshot deleted'),
  restore: (call) => answer(call, call.params.vmkey, { what: 'revert', key: call.params.key }, 'snapshot restored'),
  updatehardware: (call) =>
    answer(call, call.params.vmkey, { what: 'updateHardware', keys: call.body.keys }, 'hardware of snapshots updated'),
}

async function answer(call: Call, vmkey: number, work: SnapshotWork, msg: string): Promise<Answer> {
  const operation = await call.services.snapshots.start(vmkey, work, call.by)
  return answerLongWork(call, { operation, done: () => doneBy(operation, msg), goesOn: { msg: 'accepted' } })
}

function toWire(vmkey: number, { name, key, id, description, createdAt, path, current, memory }: Snapshot) {
  return {
    vmkey,
    name,
    key,
    id,
    description,
    creationdate: toNanoseconds(createdAt),
    path,
    iscurrent: current,
    includememory: memory,
  }
}

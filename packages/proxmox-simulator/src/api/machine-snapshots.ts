import { failed } from '../api-error.ts'
import { checkLock, withConfigLock } from '../tasks/machine-locks.ts'
import { formatting } from '../world/drives.ts'
import { releaseWords } from '../world/release-words.ts'
import { agentEnabled, memoryMiB } from '../world/machine.ts'
import {
  applySnapshot,
  canSnapshot,
  findSnapshot,
  removeSnapshot,
  snapshotList,
  snapshotLog,
  takeSnapshot,
} from '../world/snapshots.ts'
import { configView } from './config-view.ts'
import { machineOf } from './machine-config.ts'
import { machineId } from './machine-parameters.ts'
import { agentAnswers } from './machine-power.ts'
import { type Parameters, flag, optional, text } from './parameters.ts'
import type { Call, Route } from './route.ts'

const named: Parameters = { ...machineId, snapname: text({ format: 'config-id', maxLength: 40 }) }
const snapshotPrivilege = { path: '/vms/{vmid}', privileges: ['VM.Snapshot'] }
const one = '/nodes/{node}/qemu/{vmid}/snapshot/{snapname}'

export const machineSnapshotRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/nodes/{node}/qemu/{vmid}/snapshot',
    parameters: machineId,
    access: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    answer: (call) => snapshotList(machineOf(call)),
  },
  {
    method: 'POST',
    path: '/nodes/{node}/qemu/{vmid}/snapshot',
    parameters: { ...named, ...optional({ description: text(), vmstate: flag }) },
    access: snapshotPrivilege,
    answer: take,
  },
  { method: 'GET', path: one, parameters: named, access: 'all', answer: () => [{ cmd: 'rollback' }, { cmd: 'config' }] },
  {
    method: 'GET',
    path: `${one}/config`,
    parameters: named,
    access: { path: '/vms/{vmid}', privileges: ['VM.Snapshot', 'VM.Snapshot.Rollback', 'VM.Audit'], any: true },
    answer: (call) => {
      const { config, snaptime, parent, vmstate, description } = findSnapshot(machineOf(call), call.params.text('snapname'))
      return {
        ...configView(config),
        snaptime,
        ...(parent !== undefined && { parent }),
        ...(vmstate !== undefined && { vmstate }),
        ...(description !== '' && { description }),
      }
    },
  },
  {
    method: 'PUT',
    path: `${one}/config`,
    parameters: { ...named, ...optional({ description: text() }) },
    access: snapshotPrivilege,
    answer: (call) => {
      const snapshot = findSnapshot(machineOf(call), call.params.text('snapname'))
      if (call.params.has('description')) snapshot.description = call.params.text('description')
      return null
    },
  },
  {
    method: 'POST',
    path: `${one}/rollback`,
    parameters: { ...named, ...optional({ start: flag }) },
    access: { path: '/vms/{vmid}', privileges: ['VM.Snapshot', 'VM.Snapshot.Rollback'], any: true },
    answer: rollback,
  },
  {
    method: 'DELETE',
    path: one,
    parameters: { ...named, ...optional({ force: flag }) },
    access: snapshotPrivilege,
    answer: remove,
  },
]

function take(call: Call): string {
  const { params, world } = call
  const [node, vmid, name] = [params.text('node'), params.number('vmid'), params.text('snapname')]
  const words = releaseWords[world.release]
  if (name === 'current' || name === 'pending') throw failed(`unable to use snapshot name '${name}' (reserved name)`)
  return call.start(node, 'qmsnapshot', vmid, async (hand) => {
    const machine = world.machine(node, vmid)
    checkLock(machine)
    if (machine.snapshots.has(name)) throw failed(`snapshot name '${name}' already used`)
    if (!canSnapshot(world.storages, machine)) throw failed('snapshot feature is not available')
    await withConfigLock(machine, 'snapshot', async () => {
      const memory = params.flag('vmstate') && machine.running !== undefined
      let vmstate: string | undefined
      if (memory) {
        const size = (memoryMiB(machine.config) * 2 + 500) * 2 ** 20
        const storage = machine.config.get('vmstatestorage') ?? firstImageStorage(call, node)
        const state = world.storages.allocate({ storage, node, vmid, size, kind: `state-${name}` })
        vmstate = state.volid
        hand.log(...formatting(world.storages, state), `saving VM state and RAM using storage '${storage}'`)
        await hand.pause(300)
        hand.log('completed saving the VM state in 0s, saved 9.00 B')
      } else if (machine.running && agentEnabled(machine.config) && !agentAnswers(call, machine)) {
        await hand.pause(3000)
        hand.log(words.snapshotWithoutAgent(vmid))
      }
      hand.log(...snapshotLog(machine), ...(machine.running ? words.runningSnapshot : []))
      await hand.pause(250)
      takeSnapshot(machine, name, params.text('description'), world.now(), vmstate)
    })
  })
}

function firstImageStorage({ world }: Call, node: string): string {
  const fits = [...world.storages.all.values()].find(
    ({ content, enabled, nodes }) => enabled && content.includes('images') && (nodes?.includes(node) ?? true),
  )
  if (!fits) throw failed('no target storage available')
  return fits.storage
}

function rollback(call: Call): string {
  const { params, world } = call
  const [node, vmid, name] = [params.text('node'), params.number('vmid'), params.text('snapname')]
  return call.start(node, 'qmrollback', vmid, async (hand) => {
    const machine = world.machine(node, vmid)
    const snapshot = findSnapshot(machine, name)
    await withConfigLock(machine, 'rollback', async () => {
      if (machine.running) await hand.pause(800)
      delete machine.running
      await hand.pause(400)
      applySnapshot(machine, snapshot)
      if (snapshot.vmstate !== undefined || params.flag('start')) {
        await hand.pause(900)
        machine.running = { pid: world.nextProcessId(), since: Date.now(), paused: false }
      }
    })
  })
}

function remove(call: Call): string {
  const { params, world } = call
  const [node, vmid, name] = [params.text('node'), params.number('vmid'), params.text('snapname')]
  return call.start(node, 'qmdelsnapshot', vmid, async (hand) => {
    const machine = world.machine(node, vmid)
    checkLock(machine)
    const snapshot = findSnapshot(machine, name)
    await withConfigLock(machine, 'snapshot-delete', async () => {
      await hand.pause(500)
      removeSnapshot(world.storages, machine, snapshot)
    })
  })
}

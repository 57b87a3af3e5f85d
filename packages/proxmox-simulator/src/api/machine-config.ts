import { checkLock } from '../tasks/machine-locks.ts'
import { currentStatus, machineLine } from '../world/statistics.ts'
import { applyChange, checkChange, checkDigest, checkStorages, readChange } from './config-changes.ts'
import { configView, machineConfigView, pendingView } from './config-view.ts'
import { changeInBackground, machineId, updateParameters } from './machine-parameters.ts'
import { flag, optional, text } from './parameters.ts'
import { rootOption } from './root-option.ts'
import type { Call, Route } from './route.ts'
import { findSnapshot } from '../world/snapshots.ts'

const audit = { path: '/vms/{vmid}', privileges: ['VM.Audit'] }
const change = {
  path: '/vms/{vmid}',
  any: true,
  privileges: ['Disk', 'CDROM', 'CPU', 'Memory', 'Network', 'HWType', 'Options', 'Cloudinit'].map(
    (name) => `VM.Config.${name}`,
  ),
}

export const machineConfigRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/nodes/{node}/qemu',
    parameters: optional({ full: flag }),
    access: 'all',
    answer: ({ world, params, may }) =>
      [...world.machines.values()]
        .filter(({ node, vmid }) => node === params.text('node') && may(`/vms/${vmid}`, ['VM.Audit']))
        .map(machineLine),
  },
  {
    method: 'GET',
    path: '/nodes/{node}/qemu/{vmid}',
    parameters: machineId,
    access: 'all',
    answer: (call) => {
      machineOf(call)
      return subjects.map((subdir) => ({ subdir }))
    },
  },
  {
    method: 'GET',
    path: '/nodes/{node}/qemu/{vmid}/config',
    parameters: { ...machineId, ...optional({ current: flag, snapshot: text({ format: 'config-id', maxLength: 40 }) }) },
    access: audit,
    answer: (call) => {
      const snapshot = call.params.find('snapshot')
      const machine = machineOf(call)
      if (snapshot !== undefined) return configView(findSnapshot(machine, snapshot).config)
      return machineConfigView(machine, call.params.flag('current'))
    },
  },
  {
    method: 'PUT',
    path: '/nodes/{node}/qemu/{vmid}/config',
    parameters: { ...machineId, ...updateParameters },
    access: change,
    answer: async (call) => {
      await call.locks.hold(call.params.number('vmid'), () => update(call))
      return null
    },
  },
  {
    method: 'POST',
    path: '/nodes/{node}/qemu/{vmid}/config',
    parameters: { ...machineId, ...changeInBackground },
    access: change,
    answer: updateInBackground,
  },
  {
    method: 'GET',
    path: '/nodes/{node}/qemu/{vmid}/pending',
    parameters: machineId,
    access: audit,
    answer: (call) => pendingView(machineOf(call)),
  },
  {
    method: 'GET',
    path: '/nodes/{node}/qemu/{vmid}/status',
    parameters: machineId,
    access: 'all',
    answer: () => ['current', 'start', 'stop', 'reset', 'shutdown', 'suspend', 'reboot'].map((subdir) => ({ subdir })),
  },
  {
    method: 'GET',
    path: '/nodes/{node}/qemu/{vmid}/status/current',
    parameters: machineId,
    access: audit,
    answer: (call) => currentStatus(call.world, machineOf(call)),
  },
]

const subjects = [
  'config pending status unlink vncproxy termproxy migrate resize move rrd rrddata monitor agent snapshot',
  'spiceproxy sendkey firewall mtunnel remote_migrate',
].flatMap((line) => line.split(' '))

export function machineOf({ world, params }: Call): ReturnType<Call['world']['machine']> {
  return world.machine(params.text('node'), params.number('vmid'))
}

function update(call: Call): string[] {
  rootOption(call, 'skiplock')
  const wanted = readChange(call)
  checkChange(call, call.params.number('vmid'), wanted)
  const machine = machineOf(call)
  checkDigest(call, machine)
  if (!call.params.flag('skiplock')) checkLock(machine)
  checkStorages(call, machine.node, wanted.set)
  return applyChange(call, machine, wanted)
}

function updateInBackground(call: Call): string {
  rootOption(call, 'skiplock')
  const { params } = call
  const vmid = params.number('vmid')
  const wanted = readChange(call)
  checkChange(call, vmid, wanted)
  const machine = machineOf(call)
  checkDigest(call, machine)
  if (!params.flag('skiplock')) checkLock(machine)
  checkStorages(call, machine.node, wanted.set)
  const words = [
    ...wanted.set.map(([key, value]) => `-${key} ${value}`),
    ...(wanted.remove.length > 0 ? [`-delete ${wanted.remove.join(',')}`] : []),
    ...(wanted.revert.length > 0 ? [`-revert ${wanted.revert.join(',')}`] : []),
  ]
  return call.start(params.text('node'), 'qmconfig', vmid, (hand) =>
    call.locks.hold(vmid, async () => {
      hand.log(`update VM ${vmid}: ${words.join(' ')}`)
      await hand.pause(300)
      checkLock(machine)
      hand.log(...applyChange(call, machine, wanted))
    }),
  )
}

import { randomBytes } from 'node:crypto'
import { failed } from '../api-error.ts'
import { isTemplate } from '../world/machine.ts'
import { canSnapshot } from '../world/snapshots.ts'
import { currentStatus } from '../world/statistics.ts'
import { machineOf } from './machine-config.ts'
import { machineId } from './machine-parameters.ts'
import { flag, oneOf, optional, text } from './parameters.ts'
import { rootOption } from './root-option.ts'
import type { Access, Call, Route } from './route.ts'

const audit = { path: '/vms/{vmid}', privileges: ['VM.Audit'] }
const consolePrivilege = { path: '/vms/{vmid}', privileges: ['VM.Console'] }
const monitor: Access = ({ world }, given) => {
  const path = `/vms/${String(given['vmid'])}`
  return world.release === '8.4'
    ? { path, privileges: ['VM.Monitor'] }
    : { path, privileges: ['Sys.Audit', 'Sys.Modify'], any: true }
}

export const machineConsoleRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/nodes/{node}/qemu/{vmid}/feature',
    parameters: {
      ...machineId,
      feature: oneOf('snapshot', 'clone', 'copy'),
      ...optional({ snapname: text({ format: 'config-id', maxLength: 40 }) }),
    },
    access: audit,
    answer: hasFeature,
  },
  {
    method: 'POST',
    path: '/nodes/{node}/qemu/{vmid}/vncproxy',
    parameters: { ...machineId, ...optional({ 'generate-password': flag, websocket: flag }) },
    access: consolePrivilege,
    answer: openConsole,
  },
  {
    method: 'POST',
    path: '/nodes/{node}/qemu/{vmid}/termproxy',
    parameters: { ...machineId, ...optional({ serial: oneOf('serial0', 'serial1', 'serial2', 'serial3') }) },
    access: consolePrivilege,
    answer: openConsole,
  },
  {
    method: 'PUT',
    path: '/nodes/{node}/qemu/{vmid}/sendkey',
    parameters: { ...machineId, key: text(), ...optional({ skiplock: flag }) },
    access: consolePrivilege,
    answer: (call) => {
      rootOption(call, 'skiplock')
      refuseStopped(call)
      return null
    },
  },
  {
    method: 'POST',
    path: '/nodes/{node}/qemu/{vmid}/monitor',
    parameters: { ...machineId, command: text() },
    access: monitor,
    answer: (call) => {
      const machine = machineOf(call)
      if (call.params.text('command') !== 'info status') return ''
      return `VM status: ${machine.running ? (machine.running.paused ? 'paused' : 'running') : 'stopped'}\r\n`
    },
  },
  {
    method: 'GET',
    path: '/nodes/{node}/qemu/{vmid}/rrddata',
    parameters: {
      ...machineId,
      timeframe: oneOf('hour', 'day', 'week', 'month', 'year'),
      ...optional({ cf: oneOf('AVERAGE', 'MAX') }),
    },
    access: audit,
    answer: (call) => {
      const { cpu, mem, maxmem, disk, maxdisk, netin, netout } = currentStatus(call.world, machineOf(call))
      return [{ time: call.world.now(), cpu, mem, maxmem, disk, maxdisk, netin, netout }]
    },
  },
]

function hasFeature(call: Call): unknown {
  const machine = machineOf(call)
  const feature = call.params.text('feature')
  const able = feature === 'copy' || (feature === 'clone' ? isTemplate(machine) : canSnapshot(call.world.storages, machine))
  return { hasFeature: able ? 1 : 0, nodes: able ? [...call.world.nodes.keys()] : [] }
}

function refuseStopped(call: Call): void {
  const machine = machineOf(call)
  if (!machine.running) throw failed(`VM ${machine.vmid} not running`)
}

/** A ticket for a console that nobody listens on: enough for clients that only ask for it. */
function openConsole(call: Call): unknown {
  const { vmid, node } = machineOf(call)
  const upid = call.start(node, 'vncproxy', vmid, (hand) => hand.pause(10_000))
  return { user: call.caller.userid, ticket: `PVEVNC:${randomBytes(16).toString('base64')}`, port: '5900', upid, cert: '' }
}

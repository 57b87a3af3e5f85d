import { failed } from '../api-error.ts'
import { checkLock } from '../tasks/machine-locks.ts'
import type { TaskHand } from '../tasks/tasks.ts'
import { netCards } from '../world/drives.ts'
import { type Machine, agentEnabled, isTemplate } from '../world/machine.ts'
import { releaseWords } from '../world/release-words.ts'
import { applyPending } from './config-changes.ts'
import { machineId } from './machine-parameters.ts'
import { type Parameters, flag, oneOf, optional, text, whole } from './parameters.ts'
import { rootOption } from './root-option.ts'
import type { Call, Hall, Route } from './route.ts'

const powerPrivilege = { path: '/vms/{vmid}', privileges: ['VM.PowerMgmt'] }
const skiplock = optional({ skiplock: flag })
const stopParameters = optional({
  keepActive: flag,
  migratedfrom: text({ format: 'node' }),
  skiplock: flag,
  timeout: whole(0),
})

export const machinePowerRoutes: readonly Route[] = [
  deed('start', start, {
    ...machineId,
    ...skiplock,
    ...optional({
      'force-cpu': text(),
      machine: text(),
      migratedfrom: text({ format: 'node' }),
      migration_network: text(),
      migration_type: oneOf('secure', 'insecure'),
      'nets-host-mtu': text({ pattern: /net\d+=\d+(?:,net\d+=\d+)*/ }),
      stateuri: text({ maxLength: 128 }),
      targetstorage: text(),
      timeout: whole(0),
    }),
  }),
  deed('stop', stop, { ...machineId, ...stopParameters, ...optional({ 'overrule-shutdown': flag }) }),
  deed('shutdown', shutdown, {
    ...machineId,
    ...optional({ forceStop: flag, keepActive: flag, skiplock: flag, timeout: whole(0) }),
  }),
  deed('reboot', reboot, { ...machineId, ...optional({ timeout: whole(0) }) }),
  deed('reset', reset, { ...machineId, ...skiplock }),
  deed('suspend', suspend, {
    ...machineId,
    ...optional({ skiplock: flag, statestorage: { ...text({ format: 'storage' }), requires: 'todisk' }, todisk: flag }),
  }),
  deed('resume', resume, { ...machineId, ...optional({ nocheck: flag, skiplock: flag }) }),
]

function deed(name: string, answer: Route['answer'], parameters: Parameters): Route {
  return { method: 'POST', path: `/nodes/{node}/qemu/{vmid}/status/${name}`, parameters, access: powerPrivilege, answer }
}

const idOf = ({ params }: Call): [node: string, vmid: number] => [params.text('node'), params.number('vmid')]

/** Whether it runs, is locked or is there at all comes out in the task. */
function start(call: Call): string {
  rootOption(call, 'skiplock')
  const [node, vmid] = idOf(call)
  return call.start(node, 'qmstart', vmid, (hand) =>
    call.locks.hold(vmid, async () => {
      await hand.pause(60)
      const machine = call.world.machine(node, vmid)
      if (!call.params.flag('skiplock')) checkLock(machine)
      if (isTemplate(machine)) throw failed("you can't start a vm if it's a template")
      if (machine.running) throw failed(`VM ${vmid} already running`)
      await startMachine(call, machine, hand)
    }),
  )
}

/** Powers on, with the network cards as the original's script would plug them. */
export async function startMachine(hall: Hall, machine: Machine, hand: TaskHand): Promise<void> {
  const { world } = hall
  applyPending(world, machine)
  const bridges = new Set(world.node(machine.node).bridges.flatMap(({ iface, up }) => (up === false ? [] : [iface])))
  for (const { key, bridge } of netCards(machine.config)) {
    if (bridge === undefined || bridges.has(bridge) || world.vnets.has(bridge)) continue
    const { log, error } = releaseWords[world.release].noBridge(machine.vmid, key, bridge)
    await hand.pause(log.length > 0 ? 3000 : 200)
    hand.log(...log)
    throw failed(error)
  }
  await hand.pause(900)
  const guest = world.guestOf(machine)
  if (guest) machine.guest = guest
  machine.running = { pid: world.nextProcessId(), since: Date.now(), paused: false }
}

function stop(call: Call): string {
  rootOption(call, 'skiplock')
  const [node, vmid] = idOf(call)
  if (call.params.flag('overrule-shutdown')) {
    for (const { type, id, upid, exitstatus } of call.tasks.list()) {
      if (type === 'qmshutdown' && id === String(vmid) && exitstatus === undefined) call.tasks.stop(upid)
    }
  }
  return call.start(node, 'qmstop', vmid, (hand) =>
    call.locks.hold(vmid, async () => {
      await hand.pause(60)
      const machine = call.world.machine(node, vmid)
      if (!call.params.flag('skiplock')) checkLock(machine)
      if (!machine.running) return
      await hand.pause(600)
      delete machine.running
    }),
  )
}

function shutdown(call: Call): string {
  rootOption(call, 'skiplock')
  const [node, vmid] = idOf(call)
  return call.start(node, 'qmshutdown', vmid, (hand) =>
    call.locks.hold(vmid, async () => {
      await hand.pause(60)
      const machine = call.world.machine(node, vmid)
      if (!call.params.flag('skiplock')) checkLock(machine)
      await shutDown(call, machine, hand, call.params.flag('forceStop'))
    }),
  )
}

async function shutDown(call: Call, machine: Machine, hand: TaskHand, force: boolean): Promise<void> {
  if (!machine.running) return
  const timeoutMs = call.params.number('timeout', 180) * 1000
  if (agentEnabled(machine.config) && !agentAnswers(call, machine)) {
    await hand.pause(3000)
    hand.log(releaseWords[call.world.release].agentSilent(machine.vmid))
  }
  if (isUp(call, machine)) await hand.pause(Math.min(800, timeoutMs))
  else {
    await hand.pause(timeoutMs)
    if (!force) throw failed('VM quit/powerdown failed - got timeout')
    hand.log('VM still running - terminating now with SIGTERM')
    await hand.pause(1000)
  }
  delete machine.running
}

function reboot(call: Call): string {
  const [node, vmid] = idOf(call)
  const machine = running(call)
  return call.start(node, 'qmreboot', vmid, (hand) =>
    call.locks.hold(vmid, async () => {
      checkLock(machine)
      await shutDown(call, machine, hand, false)
      await startMachine(call, machine, hand)
    }),
  )
}

function reset(call: Call): string {
  rootOption(call, 'skiplock')
  const [node, vmid] = idOf(call)
  const machine = running(call)
  return call.start(node, 'qmreset', vmid, async (hand) => {
    if (!call.params.flag('skiplock')) checkLock(machine)
    await hand.pause(60)
    if (machine.running) machine.running = { ...machine.running, since: Date.now() }
  })
}

function suspend(call: Call): string {
  rootOption(call, 'skiplock')
  const [node, vmid] = idOf(call)
  const machine = running(call)
  return call.start(node, 'qmsuspend', vmid, async (hand) => {
    if (!call.params.flag('skiplock')) checkLock(machine)
    await hand.pause(60)
    if (machine.running) machine.running.paused = true
  })
}

function resume(call: Call): string {
  rootOption(call, 'skiplock')
  const [node, vmid] = idOf(call)
  const machine = running(call)
  return call.start(node, 'qmresume', vmid, async (hand) => {
    if (!call.params.flag('skiplock')) checkLock(machine)
    await hand.pause(60)
    if (machine.running) machine.running.paused = false
  })
}

function running(call: Call): Machine {
  const machine = call.world.machine(...idOf(call))
  if (!machine.running) throw failed(`VM ${machine.vmid} not running`)
  return machine
}

/** Whether a guest is there and has had the time to boot. */
export function isUp({ pace }: Hall, { running: power, guest }: Machine): boolean {
  return (
    power !== undefined && !power.paused && guest !== undefined && Date.now() - power.since >= pace.scaled(guest.bootMs)
  )
}

export function agentAnswers(hall: Hall, machine: Machine): boolean {
  return isUp(hall, machine) && machine.guest?.agent !== false
}

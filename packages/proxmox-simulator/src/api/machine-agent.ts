import { agentPrivileges } from '../access/privileges.ts'
import { failed } from '../api-error.ts'
import { type Guest, agentInterfaces } from '../world/guests.ts'
import { netCards } from '../world/drives.ts'
import { type Machine, agentEnabled } from '../world/machine.ts'
import { machineOf } from './machine-config.ts'
import { machineId } from './machine-parameters.ts'
import { agentAnswers } from './machine-power.ts'
import { type Parameters, flag, many, oneOf, optional, text, whole } from './parameters.ts'
import type { Access, Call, Route } from './route.ts'

type Command = (guest: Guest, machine: Machine, call: Call) => unknown

const queries: Readonly<Record<string, Command>> = {
  'network-get-interfaces': (guest, { config }) =>
    agentInterfaces(
      netCards(config).map(({ mac }) => mac),
      guest,
    ),
  'get-host-name': ({ hostName }) => ({ 'host-name': hostName }),
  'get-osinfo': () => ({
    id: 'debian',
    name: 'Debian GNU/Linux',
    'pretty-name': 'Debian GNU/Linux 12 (bookworm)',
    version: '12 (bookworm)',
    'version-id': '12',
    machine: 'x86_64',
    'kernel-release': '6.1.0-18-amd64',
    'kernel-version': '#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1',
  }),
  'get-fsinfo': () => [
    { name: 'sda1', mountpoint: '/', type: 'ext4', disk: [], 'total-bytes': 2 ** 33, 'used-bytes': 2 ** 30 },
  ],
  'get-time': () => Date.now() * 1_000_000,
  'get-timezone': () => ({ offset: 0, zone: 'UTC' }),
  'get-users': () => [],
  'get-vcpus': (_, { config }) =>
    Array.from({ length: Number(config.get('cores') ?? 1) }, (_unused, id) => ({
      'logical-id': id,
      online: true,
      'can-offline': id > 0,
    })),
  'get-memory-block-info': () => ({ size: 2 ** 27 }),
  'get-memory-blocks': () => [],
  info: () => ({ version: '7.2.22', supported_commands: [] }),
}

const deeds: Readonly<Record<string, Command>> = {
  ping: () => ({}),
  'fsfreeze-status': () => 'thawed',
  'fsfreeze-freeze': () => 1,
  'fsfreeze-thaw': () => 1,
  fstrim: () => ({ paths: [] }),
  shutdown: turnOff,
  'suspend-disk': turnOff,
  'suspend-hybrid': pause,
  'suspend-ram': pause,
}

function turnOff(_: Guest, machine: Machine): unknown {
  delete machine.running
  return {}
}

function pause(_: Guest, { running }: Machine): unknown {
  if (running) running.paused = true
  return {}
}

const base = '/nodes/{node}/qemu/{vmid}/agent'
const access =
  (purpose: 'read' | 'command' | 'exec'): Access =>
  ({ world }, given) => ({
    path: `/vms/${String(given['vmid'])}`,
    privileges: agentPrivileges(world.release, purpose),
    any: true,
  })

export const machineAgentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: base,
    parameters: machineId,
    access: 'all',
    answer: () => [...Object.keys(queries), ...Object.keys(deeds), 'exec', 'exec-status'].map((name) => ({ name })),
  },
  {
    method: 'POST',
    path: base,
    parameters: { ...machineId, command: oneOf(...Object.keys(deeds), ...Object.keys(queries)) },
    access: access('exec'),
    answer: (call) => ask(call, deeds[call.params.text('command')] ?? queries[call.params.text('command')] ?? (() => ({}))),
  },
  ...Object.entries(queries).map(([name, command]): Route => agentRoute('GET', name, command, 'read')),
  ...Object.entries(deeds).map(([name, command]): Route => agentRoute('POST', name, command, 'command')),
  {
    method: 'POST',
    path: `${base}/exec`,
    parameters: { ...machineId, command: many, ...optional({ 'input-data': text({ maxLength: 65_536 }) }) },
    access: access('exec'),
    answer: exec,
  },
  {
    method: 'GET',
    path: `${base}/exec-status`,
    parameters: { ...machineId, pid: whole() },
    access: access('exec'),
    answer: execStatus,
  },
  {
    method: 'POST',
    path: `${base}/set-user-password`,
    parameters: {
      ...machineId,
      password: text({ minLength: 5, maxLength: 1024 }),
      username: text(),
      ...optional({ crypted: flag }),
    } satisfies Parameters,
    access: access('exec'),
    answer: (call) => ask(call, () => ({})),
  },
]

function agentRoute(method: 'GET' | 'POST', name: string, command: Command, purpose: 'read' | 'command'): Route {
  return {
    method,
    path: `${base}/${name}`,
    parameters: machineId,
    access: access(purpose),
    answer: (call) => ask(call, command),
  }
}

async function ask(call: Call, command: Command): Promise<unknown> {
  const { machine, guest } = await reach(call)
  return { result: command(guest, machine, call) }
}

/** Each question to an agent that is not there costs three seconds. */
async function reach(call: Call): Promise<{ machine: Machine; guest: Guest }> {
  const machine = machineOf(call)
  if (!agentEnabled(machine.config)) throw failed('No QEMU guest agent configured')
  if (!machine.running) throw failed(`VM ${machine.vmid} is not running`)
  if (!agentAnswers(call, machine) || !machine.guest) {
    await call.pace.pause(3000)
    throw failed('QEMU guest agent is not running')
  }
  return { machine, guest: machine.guest }
}

const firstProcess = 1000

async function exec(call: Call): Promise<unknown> {
  const { machine, guest } = await reach(call)
  machine.processes ??= []
  machine.processes.push(guest.run?.(call.params.all('command')) ?? { exitCode: 0 })
  return { pid: firstProcess + machine.processes.length - 1 }
}

async function execStatus(call: Call): Promise<unknown> {
  const { machine } = await reach(call)
  const pid = call.params.number('pid')
  const result = machine.processes?.[pid - firstProcess]
  if (!result) throw failed(`Agent error: PID ${pid} does not exist`)
  const { exitCode, stdout, stderr } = result
  return {
    exited: 1,
    exitcode: exitCode,
    ...(stdout !== undefined && { 'out-data': stdout }),
    ...(stderr !== undefined && { 'err-data': stderr }),
  }
}

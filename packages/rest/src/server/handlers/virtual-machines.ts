import type { MachineDifference } from '@virtkit/core'
import { virtualMachines } from '../../contract/resources/virtual-machines.ts'
import type { Call, Handlers } from '../handler.ts'
import { accepted, answerLongWork, doneBy } from '../long-work.ts'
import { machinesAsked } from '../machine-pages.ts'
import { toInstall, toInstallInput, toMachineInput, toMachineUpdate, toVirtualMachine } from '../virtual-machine-words.ts'
import { toWirePlan } from '../virtual-machine-plan-words.ts'
import { toWireNames } from '../wire-names.ts'
import { sizeOf } from '../wire-sizes.ts'

export const virtualMachineHandlers: Handlers<typeof virtualMachines> = {
  create: async ({ services, body, by }) =>
    toVirtualMachine(services.catalog, await services.machines.create(toMachineInput(services.catalog, body), by)),
  plan: async ({ services, body, by }) =>
    toWirePlan(await services.machines.plan(toMachineInput(services.catalog, body), by)),
  list: (call) =>
    machinesAsked(call, virtualMachines.list, call.query, (machine) => toVirtualMachine(call.services.catalog, machine)),
  get: async ({ services, params, by }) => toVirtualMachine(services.catalog, await services.machines.get(params.key, by)),
  update: async (call) => {
    const { services, params, body, by } = call
    const before = await services.machines.get(params.key, by)
    const operation = await services.machines.startUpdate(params.key, toMachineUpdate(services.catalog, before, body), by)
    const done = async () => toVirtualMachine(services.catalog, await services.machines.get(params.key, by))
    if (!operation) return done()
    return answerLongWork(call, { operation, done, goesOn: { msg: 'hardware is being changed', key: params.key } })
  },
  remove: async (call) => {
    const { key } = call.params
    const operation = await call.services.machines.remove(key, call.by)
    return answerLongWork(call, {
      operation,
      done: () => ({ ...doneBy(operation, 'virtual machine deleted'), key }),
      goesOn: { msg: 'deletion accepted', key },
    })
  },
  info: async ({ services, params, by }) => {
    const { name, power, addresses } = await services.machines.info(params.key, by)
    return { name, powerstate: power, ips: [...addresses] }
  },
  compare: async ({ services, params, by }) => (await services.machines.compare(params.key, by)).map(toDifference),
  install: async (call) => {
    const { services, params, body, by } = call
    const started = await services.installs.start(params.key, toInstallInput(body), by)
    const password = started.password && { password: started.password.reveal() }
    const answer = { msg: 'installation accepted', install: started.runId, ...password }
    return accepted(call, started.accepted, answer, { 'cache-control': 'no-store' })
  },
  installs: async ({ services, params, by }) => (await services.installs.ofMachine(params.key, by)).map(toInstall),
  parameter: async ({ services, params, by }) => {
    const { passwordHash, sshKeys, packages, ...parameters } = await services.installs.parameters(params.key, by)
    return { ...parameters, password: passwordHash.reveal(), sshkeys: [...sshKeys], packages: [...packages] }
  },
  poweron: (call) => switchTo('on', call, 'virtual machine switched on'),
  poweroff: (call) => switchTo('off', call, 'virtual machine switched off'),
  shutdown: (call) => switchTo('shutdown', call, 'virtual machine shut down'),
}

async function switchTo(to: 'on' | 'off' | 'shutdown', call: Call & { params: { key: number } }, msg: string) {
  const operation = await call.services.machines.power(call.params.key, to, call.by)
  return answerLongWork(call, { operation, done: () => doneBy(operation, msg), goesOn: { msg: 'accepted' } })
}

function toDifference({ field, paper, hypervisor }: MachineDifference) {
  const isSize = field === 'memoryMiB' || field === 'diskMiB'
  const say = (value: string): string => (isSize && /^\d+$/.test(value) ? sizeOf(Number(value)) : value)
  return { field: toWireNames(field), paper: say(paper), hypervisor: say(hypervisor) }
}

import type { CloneInput, Template } from '@virtkit/core'
import type { BodyOf } from '../../contract/operation.ts'
import type { templates } from '../../contract/resources/templates.ts'
import type { Handlers } from '../handler.ts'
import { accepted, answerLongWork, doneBy } from '../long-work.ts'
import { readAll } from '../read-all.ts'
import { diskMiBOf, memoryMiBOf, sizeOf } from '../wire-sizes.ts'

export const templateHandlers: Handlers<typeof templates> = {
  list: async ({ services, params, by }) => (await services.templates.list(params.key, by)).map(toWire),
  register: async (call) => {
    const operation = await call.services.templates.register(call.params.key, call.by)
    return answerLongWork(call, {
      operation,
      done: () => doneBy(operation, 'virtual machine is a template'),
      goesOn: { msg: 'virtual machine becomes a template' },
    })
  },
  clone: async (call) => {
    const { machine, operation } = await call.services.templates.clone(toInput(call.params.key, call.body), call.by)
    return accepted(call, operation, { msg: 'cloning accepted', key: machine.key })
  },
}

function toInput(cluster: number, body: BodyOf<typeof templates.clone>): CloneInput {
  const { template, name, owner, cpu, ram, disc, datastore, networks, sshkeys } = body
  const sizes = readAll({
    memoryMiB: () => (ram === undefined ? undefined : memoryMiBOf(ram)),
    diskMiB: () => (disc === undefined ? undefined : diskMiBOf(disc)),
  })
  return {
    cluster,
    template,
    name,
    owner,
    ...(cpu !== undefined && { cpus: cpu }),
    ...(sizes.memoryMiB !== undefined && { memoryMiB: sizes.memoryMiB }),
    ...(sizes.diskMiB !== undefined && { diskMiB: sizes.diskMiB }),
    ...(datastore !== undefined && { datastore }),
    ...(networks && { networks: networks.map((network) => ({ network })) }),
    ...(sshkeys && { sshKeys: sshkeys }),
  }
}

function toWire({ name, cluster, machine, cpus, memoryMiB, diskMiB, firmware }: Template) {
  return {
    name,
    clusterkey: cluster,
    vmkey: machine ?? 0,
    cpu: cpus,
    ram: sizeOf(memoryMiB),
    disc: sizeOf(diskMiB),
    firmware,
  }
}

import type { Amount, Contingent } from '@virtkit/core'
import type { BodyOf } from '../../contract/operation.ts'
import type { resourceContingents } from '../../contract/resources/resource-contingents.ts'
import type { Handlers } from '../handler.ts'
import { readAll } from '../read-all.ts'
import { diskLimitMiBOf, memoryLimitMiBOf, sizeOf } from '../wire-sizes.ts'

type Dimension = keyof Amount

/** What core calls a dimension, and what the wire calls it. */
const words = { vm: 'vm', cpu: 'cpu', memory: 'ram', disk: 'disc' } as const satisfies Record<Dimension, string>

export const resourceContingentHandlers: Handlers<typeof resourceContingents> = {
  create: async ({ services, body, by }) => toWire(await services.contingents.add(body.usergroupkey, toLimits(body), by)),
  list: async ({ services, by }) => (await services.contingents.list(by)).map(toWire),
  verify: async ({ services, by }) =>
    (await services.contingents.verify(by)).map(({ group, dimension, kind, recorded, actual }) => ({
      usergroupkey: group,
      dimension: words[dimension],
      kind,
      recorded: show(dimension, recorded),
      actual: show(dimension, actual),
    })),
  plan: async ({ services, body, by }) => {
    const sizes = readAll({
      memory: () => memoryLimitMiBOf(body.ram, 'ram'),
      disk: () => diskLimitMiBOf(body.disc, 'disc'),
    })
    const amount = { vm: body.vm, cpu: body.cpu, ...sizes }
    const { fits, blocking, free } = await services.contingents.plan(body.usergroupkey, amount, by)
    return {
      fits,
      blocking: blocking.map(({ dimension, limit, used, reserved, asked }) => ({
        dimension: words[dimension],
        limit: show(dimension, limit),
        used: show(dimension, used),
        reserved: show(dimension, reserved),
        asked: show(dimension, asked),
      })),
      ...(free && { free: { vm: free.vm, cpu: free.cpu, ram: sizeOf(free.memory), disc: sizeOf(free.disk) } }),
    }
  },
  get: async ({ services, params, by }) => toWire(await services.contingents.get(params.key, by)),
  update: async ({ services, params, body, by }) =>
    toWire(await services.contingents.update(params.key, body.usergroupkey, toLimits(body), by)),
  remove: async ({ services, params, by }) => {
    await services.contingents.remove(params.key, by)
    return { msg: 'resource contingent deleted' }
  },
}

function toLimits(body: BodyOf<typeof resourceContingents.create>): Amount {
  const sizes = readAll({
    memory: () => memoryLimitMiBOf(body.memorylimit, 'memorylimit'),
    disk: () => diskLimitMiBOf(body.disclimit, 'disclimit'),
  })
  return { vm: body.vmlimit, cpu: body.cpulimit, ...sizes }
}

function toWire({ key, group, limits }: Contingent) {
  return {
    key,
    usergroupkey: group,
    cpulimit: limits.cpu,
    disclimit: sizeOf(limits.disk),
    memorylimit: sizeOf(limits.memory),
    vmlimit: limits.vm,
  }
}

function show(dimension: Dimension, value: number): number | string {
  return dimension === 'memory' || dimension === 'disk' ? sizeOf(value) : value
}

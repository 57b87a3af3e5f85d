import { failed } from '../api-error.ts'
import { machineLine } from '../world/statistics.ts'
import type { Pool } from '../world/world.ts'
import { type Parameters, flag, oneOf, optional, text } from './parameters.ts'
import type { Call, Route } from './route.ts'

const poolid: Parameters = { poolid: text({ format: 'pool' }) }
const allocate = { path: '/pool/{poolid}', privileges: ['Pool.Allocate'] }
const changes: Parameters = {
  ...poolid,
  ...optional({ 'allow-move': flag, comment: text(), delete: flag, storage: text(), vms: text() }),
}

export const poolRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/pools',
    parameters: optional({ ...poolid, type: { ...oneOf('qemu', 'lxc', 'storage'), requires: 'poolid' } }),
    access: 'all',
    answer: (call) => {
      const visible = [...call.world.pools.values()].filter((pool) => call.may(`/pool/${pool.poolid}`, ['Pool.Audit']))
      if (!call.params.has('poolid')) return visible.map(({ poolid: id, comment }) => ({ poolid: id, ...said(comment) }))
      const pool = find(call)
      call.check(`/pool/${pool.poolid}`, ['Pool.Audit'])
      return [{ poolid: pool.poolid, ...said(pool.comment), members: members(call, pool) }]
    },
  },
  {
    method: 'POST',
    path: '/pools',
    parameters: { ...poolid, ...optional({ comment: text() }) },
    access: allocate,
    answer: ({ world, params }) => {
      const id = params.text('poolid')
      if (world.pools.has(id)) throw failed(`create pool failed: pool '${id}' already exists`)
      world.pools.set(id, { poolid: id, comment: params.text('comment'), vms: new Set(), storages: new Set() })
      return null
    },
  },
  { method: 'PUT', path: '/pools', parameters: changes, access: allocate, answer: change },
  {
    method: 'GET',
    path: '/pools/{poolid}',
    parameters: { ...poolid, type: { ...oneOf('qemu', 'lxc', 'storage'), optional: true } },
    access: { path: '/pool/{poolid}', privileges: ['Pool.Audit'] },
    answer: (call) => {
      const pool = find(call)
      return { ...said(pool.comment), members: members(call, pool) }
    },
  },
  { method: 'PUT', path: '/pools/{poolid}', parameters: changes, access: allocate, answer: change },
  { method: 'DELETE', path: '/pools', parameters: poolid, access: allocate, answer: remove },
  { method: 'DELETE', path: '/pools/{poolid}', parameters: poolid, access: allocate, answer: remove },
]

const said = (comment: string): { comment?: string } => (comment === '' ? {} : { comment })

function find({ world, params }: Call): Pool {
  const pool = world.pools.get(params.text('poolid'))
  if (!pool) throw failed(`pool '${params.text('poolid')}' does not exist`)
  return pool
}

function members({ world }: Call, { vms, storages }: Pool): Record<string, unknown>[] {
  const machines = [...vms].flatMap((vmid) => {
    const machine = world.machines.get(vmid)
    return machine ? [{ ...machineLine(machine), id: `qemu/${vmid}`, type: 'qemu', node: machine.node }] : []
  })
  return [...machines, ...[...storages].map((storage) => ({ id: `storage/${storage}`, type: 'storage', storage }))]
}

function change(call: Call): null {
  const { world, params } = call
  const pool = find(call)
  if (params.has('comment')) pool.comment = params.text('comment')
  for (const vmid of params.list('vms').map(Number)) {
    call.check(`/vms/${vmid}`, ['VM.Allocate'])
    if (params.flag('delete')) {
      if (!pool.vms.delete(vmid)) throw failed(`update pools failed: VM ${vmid} is not a pool member`)
      continue
    }
    const other = world.poolOf(vmid)
    if (other !== undefined && !params.flag('allow-move'))
      throw failed(`update pools failed: VM ${vmid} belongs already to pool '${other}' and 'allow-move' is not set`)
    if (other !== undefined) world.pools.get(other)?.vms.delete(vmid)
    pool.vms.add(vmid)
  }
  for (const storage of params.list('storage')) {
    if (params.flag('delete')) pool.storages.delete(storage)
    else pool.storages.add(storage)
  }
  return null
}

function remove(call: Call): null {
  const pool = find(call)
  const member = [...pool.vms][0]
  if (member !== undefined) throw failed(`delete pool failed: pool '${pool.poolid}' is not empty (contains VM ${member})`)
  call.world.pools.delete(pool.poolid)
  return null
}

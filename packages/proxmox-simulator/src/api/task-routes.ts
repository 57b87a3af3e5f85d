import type { Task } from '../tasks/tasks.ts'
import { flag, oneOf, optional, text, whole } from './parameters.ts'
import { type Call, Answer, type Route } from './route.ts'
import { vmid } from './machine-parameters.ts'

const upid = { upid: text() }

export const taskRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/cluster/tasks',
    parameters: {},
    access: 'all',
    answer: (call) =>
      call.tasks
        .list()
        .filter((task) => mayRead(call, task))
        .slice(0, 25)
        .map((task) => ({ ...listed(task), saved: task.exitstatus === undefined ? '0' : '1' })),
  },
  {
    method: 'GET',
    path: '/nodes/{node}/tasks',
    parameters: optional({
      errors: flag,
      limit: whole(0),
      since: whole(),
      source: oneOf('archive', 'active', 'all'),
      start: whole(0),
      statusfilter: text(),
      typefilter: text(),
      until: whole(),
      userfilter: text(),
      vmid,
    }),
    access: 'all',
    answer: list,
  },
  {
    method: 'GET',
    path: '/nodes/{node}/tasks/{upid}',
    parameters: upid,
    access: 'all',
    answer: () => [{ name: 'log' }, { name: 'status' }],
  },
  {
    method: 'DELETE',
    path: '/nodes/{node}/tasks/{upid}',
    parameters: upid,
    access: 'all',
    answer: (call) => {
      const task = find(call, ['Sys.Modify'])
      call.tasks.stop(task.upid)
      return null
    },
  },
  {
    method: 'GET',
    path: '/nodes/{node}/tasks/{upid}/status',
    parameters: upid,
    access: 'all',
    answer: (call) => {
      const task = find(call)
      const status =
        task.exitstatus === undefined ? { status: 'running' } : { status: 'stopped', exitstatus: task.exitstatus }
      return { ...identityOf(task), ...status }
    },
  },
  {
    method: 'GET',
    path: '/nodes/{node}/tasks/{upid}/log',
    parameters: { ...upid, ...optional({ download: flag, limit: whole(0), start: whole(0) }) },
    access: 'all',
    answer: (call) => {
      const { log } = find(call)
      const [start, limit] = [call.params.number('start'), call.params.number('limit', 50)]
      const lines = log.map((t, index) => ({ n: index + 1, t })).slice(start, limit === 0 ? undefined : start + limit)
      return new Answer({ data: lines.length > 0 ? lines : [{ n: 1, t: 'no content' }], total: log.length })
    },
  },
]

/** Everybody sees his own; others only who may audit the node. */
function mayRead({ caller, may }: Call, { user, node }: Task, privileges = ['Sys.Audit']): boolean {
  return user.split('!')[0] === caller.userid || may(`/nodes/${node}`, privileges)
}

function find(call: Call, privileges = ['Sys.Audit']): Task {
  const task = call.tasks.get(call.params.text('upid'))
  if (!mayRead(call, task, privileges)) call.check(`/nodes/${task.node}`, privileges)
  return task
}

function identityOf({ upid: own, node, pid, pstart, starttime, type, id, user }: Task): Record<string, unknown> {
  const [name, tokenid] = user.split('!')
  return { upid: own, node, pid, pstart, starttime, type, id, user: name, ...(tokenid !== undefined && { tokenid }) }
}

function listed(task: Task): Record<string, unknown> {
  if (task.exitstatus === undefined) return { ...identityOf(task), status: 'RUNNING' }
  return { ...identityOf(task), status: task.exitstatus, endtime: task.endtime }
}

function list(call: Call): unknown {
  const { params } = call
  const source = params.text('source', 'archive')
  const fits = (task: Task): boolean =>
    task.node === params.text('node') &&
    mayRead(call, task) &&
    (source === 'all' || (source === 'active') === (task.exitstatus === undefined)) &&
    (!params.has('vmid') || task.id === params.text('vmid')) &&
    (!params.has('typefilter') || task.type === params.text('typefilter')) &&
    (!params.has('userfilter') || task.user.toLowerCase().includes(params.text('userfilter').toLowerCase())) &&
    (!params.has('since') || task.starttime >= params.number('since')) &&
    (!params.has('until') || task.starttime <= params.number('until')) &&
    (!params.has('statusfilter') || params.list('statusfilter').includes(kindOf(task))) &&
    (!params.flag('errors') || (task.exitstatus !== undefined && task.exitstatus !== 'OK'))
  const [start, limit] = [params.number('start'), params.number('limit', 50)]
  const all = call.tasks.list().filter(fits)
  return new Answer({ data: all.slice(start, limit === 0 ? undefined : start + limit).map(listed), total: all.length })
}

function kindOf({ exitstatus }: Task): string {
  if (exitstatus === undefined) return 'unknown'
  return exitstatus === 'OK' ? 'ok' : exitstatus.startsWith('WARNINGS') ? 'warning' : 'error'
}

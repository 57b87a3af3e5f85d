import type { PermissionGroup, UserActor, Virtkit, VirtkitOptions } from '@virtkit/core'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { contract } from '../../src/contract/contract.ts'
import type { OperationContract } from '../../src/contract/operation.ts'
import { type RestLab, openRestLab } from '../rest-lab.ts'
import { type Sample, type Side, samples } from './samples.ts'

export const roles = ['nobody', 'powerless', 'groupless', 'viewer', 'user', 'operator', 'administrator'] as const
export type Role = (typeof roles)[number]

const permissionGroupsOf: Readonly<Record<Exclude<Role, 'nobody'>, readonly PermissionGroup[]>> = {
  /** In a group, but allowed nothing. */
  powerless: [],
  /** Allowed what users are, but in no group. */
  groupless: ['user'],
  viewer: ['viewer'],
  user: ['user'],
  operator: ['operator'],
  administrator: ['administrator'],
}

export interface Walked {
  readonly name: string
  readonly operation: OperationContract
  readonly sample: Sample
}

/** Every operation of the contract; one that nobody has written a sample for has none. */
export function everyOperation(): { name: string; operation: OperationContract; sample: Sample | undefined }[] {
  return Object.entries(contract).flatMap(([resource, operations]) =>
    Object.entries(operations as Record<string, OperationContract>).map(([verb, operation]) => {
      const name = `${resource}.${verb}`
      return { name, operation, sample: samples[name] }
    }),
  )
}

export const walked: readonly Walked[] = everyOperation().flatMap(({ sample, ...each }) =>
  sample ? [{ ...each, sample }] : [],
)

export interface Answer {
  readonly status: number
  /** As text, without what differs from call to call. */
  readonly text: string
  readonly headers: string
}

export interface MatrixLab extends AsyncDisposable {
  readonly kit: Virtkit
  readonly own: Side
  readonly foreign: Side
  /** Keys of nothing. */
  readonly missing: Side
  mayCall(role: Role, operation: OperationContract): boolean
  call(each: Walked, role: Role, side: Side): Promise<Answer>
  /** What has been written so far, less who was refused and who logged in. */
  changes(): Promise<number>
  addForeign(): Promise<Side>
}

/** Which keys a sample names. */
export function keysNamed({ sample }: Walked, side: Side): (keyof Side)[] {
  const named = new Set<keyof Side>()
  const watched = new Proxy(side, {
    get: (target, name) => {
      named.add(name as keyof Side)
      return target[name as keyof Side]
    },
  })
  for (const part of [sample.params, sample.query, sample.body]) part?.(watched)
  return [...named]
}

/** Two groups with one of everything each; all roles are in the first, but the one that is in none. */
export async function openMatrixLab(database: DatabaseLocation, options: Partial<VirtkitOptions> = {}): Promise<MatrixLab> {
  const lab = await openRestLab(database, { kit: { operations: { pollMs: 100 }, ...options } })
  const { kit } = lab
  const actors = new Map<Role, UserActor>()
  const tokens = new Map<Role, string>()
  for (const [role, permissionGroups] of Object.entries(permissionGroupsOf)) {
    const { key } = await kit.users.add({ name: role, password: 'battery staple', permissionGroups })
    tokens.set(role as Role, (await kit.tokens.issue(key)).token.reveal())
    actors.set(role as Role, await kit.users.actor(key))
  }
  const members = [...actors.entries()].flatMap(([role, { user }]) => (role === 'groupless' ? [] : [user]))
  const { key: os } = kit.catalog.find('debian-12')!
  const own = await addSide(lab, 'ours', members, os)
  let sides = 0
  const addForeign = (): Promise<Side> => addSide(lab, `theirs${(sides += 1)}`, [], os)
  const foreign = await addForeign()
  const missing = Object.fromEntries(
    Object.keys(own).map((name, index) => [name, 2_000_000_001 + index]),
  ) as unknown as Side
  return {
    kit,
    own,
    foreign,
    missing: {
      ...missing,
      operation: '00000000-0000-4000-8000-000000000000',
      user: own.user,
      callback: own.callback,
      deadLetter: own.deadLetter,
      credentials: own.credentials,
      defaults: own.defaults,
      os: own.os,
    },
    addForeign,
    mayCall: (role, { permission }) => {
      if (permission === 'public') return true
      const actor = actors.get(role)
      if (!actor) return false
      return permission === 'signed-in' || actor.permissions === 'all' || actor.permissions.has(permission)
    },
    call: async (each, role, side) => {
      const token = tokens.get(role)
      const response = await lab.rest.fetch(requestFor(each, side, token))
      const isJson = (response.headers.get('content-type') ?? '').includes('json')
      const text = isJson ? await response.text() : ''
      if (!isJson) await response.body?.cancel()
      return { status: response.status, text: withoutClock(text), headers: headersOf(response) }
    },
    changes: async () => {
      const rows = await kit.audit.list({ limit: 1000 })
      return rows.filter(({ actor, action }) => actor !== 'system' && !/^(access|login|token)\./.test(action)).length
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  }
}

export async function addSide(
  { kit, simulator }: Pick<RestLab, 'kit' | 'simulator'>,
  name: string,
  members: readonly number[],
  os: number,
): Promise<Side> {
  const credentials = { url: simulator.url }
  const cluster = (await kit.clusters.add({ name, type: 'simulated', credentials })).key
  const range = name === 'ours' ? 1 : Number(name.replace('theirs', '')) + 1
  const { key: network } = await kit.networks.add({ name, cluster, cidr: `10.0.${range}.0/24` })
  const { key: group } = await kit.groups.add({ name, users: members, networks: [network], clusters: [cluster] })
  const size = { cpus: 1, memoryMiB: 2048, diskMiB: 20_480 }
  const { key: profile } = await kit.profiles.add({ name, cluster, os: 'debian-12', ...size, networks: [network] })
  const { key: machine } = await kit.machines.create({ name, cluster, owner: group, os: 'debian-12', ...size })
  const { key: card } = await kit.machineNetworks.add(machine, { network })
  const { key: contingent } = await kit.contingents.set(group, { vm: 10, cpu: 100, memory: 1_000_000, disk: 10_000_000 })
  const { key: user } = await kit.users.add({ name: `${name} somebody`, password: 'battery staple' })
  const hook = { successUrl: 'https://hooks.example.com/ok', errorUrl: 'https://hooks.example.com/failed' }
  const { key: callback } = await kit.callbacks.add(hook)
  const deadLetter = await addDeadLetter(kit, callback)
  const spare = await kit.machines.create({ name: `${name}-spare`, cluster, owner: group, os: 'debian-12', ...size })
  const { id: operation } = await kit.operations.wait((await kit.machines.remove(spare.key)).id)
  const { key: storedCredentials } = await kit.credentials.add({ name: `${name}-spare`, ...credentials })
  const { key: defaults } = await kit.clusterDefaults.add({})
  const webhook = { type: 'webhook', to: 'https://hooks.example.com/critical', severities: ['critical'] as const }
  const { key: filter } = await kit.notifications.add({ ...webhook, user })
  const owned = { group, cluster, network, profile, machine, card, contingent, operation, person: user, filter }
  return { ...owned, user, callback, deadLetter, credentials: storedCredentials, defaults, os }
}

async function addDeadLetter({ database }: Virtkit, callbackKey: number): Promise<number> {
  const body = JSON.stringify({ type: 'install.succeeded', data: {} })
  const what = { id: `msg_${callbackKey}`, callbackKey, subject: 'machine/1', url: 'https://hooks.example.com/ok', body }
  const fate = { state: 'dead' as const, attempts: 10, dueAt: 0, createdAt: 0, endedAt: Date.now(), problem: 'No.' }
  const insert = database.queries.insertInto('callbackDeliveries').values({ ...what, ...fate })
  return (await insert.returning('key').executeTakeFirstOrThrow()).key
}

export function requestFor({ operation, sample }: Walked, side: Side, token: string | undefined): Request {
  const params: Readonly<Record<string, unknown>> = sample.params?.(side) ?? {}
  const path = operation.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name] ?? 'none')))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(sample.query?.(side) ?? {})) query.append(name, String(value))
  const body = sample.body && operation.method !== 'GET' ? JSON.stringify(sample.body(side)) : undefined
  return new Request(`http://lab/rest/v1${path}${query.size > 0 ? `?${query}` : ''}`, {
    method: operation.method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  })
}

/** Times and names of requests are no news. */
function withoutClock(text: string): string {
  return text.replaceAll(/\d{13,}/g, 'time')
}

function headersOf({ headers }: Response): string {
  const own = [...headers].filter(([name]) => !['x-request-id', 'date', 'etag', 'content-length'].includes(name))
  return JSON.stringify(own.toSorted())
}

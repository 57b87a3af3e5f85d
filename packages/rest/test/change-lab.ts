import { type UserActor, type Virtkit, createVirtkit } from '@virtkit/core'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { systemClock } from '@virtkit/spi'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { defineOperation } from '../src/contract/operation.ts'
import { byKey, messageWithKey } from '../src/contract/values.ts'
import { createRestServer } from '../src/index.ts'
import { toResponse } from '../src/server/answer.ts'
import { type Endpoint, type Input, answerAt } from '../src/server/endpoint.ts'
import { errorAnswer } from '../src/server/error-answer.ts'
import type { Answer } from './rest-lab.ts'

/** A face without hypervisors, whose callers are who they say they are: quick, and there may be many on one database. */
export interface Door extends AsyncDisposable {
  readonly kit: Virtkit
  /** Where the simulated hypervisor is. */
  readonly url: string
  call(method: string, path: string, given?: Given): Promise<Answer>
}

export interface Given {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Default `ann`. */
  readonly as?: string
}

/** A change that is done outside of a transaction, by the key it is given. */
export const removeMachine: Endpoint = {
  operation: defineOperation({
    method: 'DELETE',
    path: '/machines/:key',
    title: 'Delete a machine',
    permission: 'machines:delete',
    params: byKey,
    result: messageWithKey,
    runs: 'keyed',
    origin: 'virtkit',
  }),
  handler: async ({ services, params, by }) => {
    const { key } = params as { key: number }
    return { key, msg: (await services.machines.remove(key, by)).id }
  },
}

/** Carries out an operation that is not in the contract, as the server would. */
export async function carryOutAlone(kit: Virtkit, endpoint: Endpoint, key: number, given: Given = {}): Promise<Response> {
  const request = requestOf(endpoint.operation.method, `/machines/${key}`, given)
  // What else handlers are given, these do not look at.
  const call = {
    kit,
    services: kit,
    by: { actor: actorOf(request) },
    request,
    params: { key },
    query: {},
    body: {},
  } as Partial<Input>
  const refuse = (error: unknown) => errorAnswer(error, { instance: '/', now: 0, asProblem: false })
  const answered = await answerAt(endpoint, call as Input, { reader: undefined, refuse }).catch(refuse)
  return toResponse(answered, endpoint.operation.method)
}

export interface DoorOptions {
  readonly database: DatabaseLocation
  /** 32 bytes in base64. */
  readonly key: string
  /** How far this process's clock is ahead. */
  readonly aheadMs?: number
  /** Whether operations are worked on. Default: they wait. */
  readonly work?: boolean
  /** What stands between the face and the kit. */
  readonly between?: (kit: Virtkit) => Virtkit
}

const none = new Uint8Array(1)

export async function openDoor({
  database,
  key,
  aheadMs = 0,
  work = false,
  between = (kit) => kit,
}: DoorOptions): Promise<Door> {
  const simulator = createSimulatedHypervisor()
  const kit = await createVirtkit({
    database,
    encryption: { keys: [{ id: 'test', key }] },
    drivers: [simulator.driver],
    installMedia: netboot({
      listen: { host: '127.0.0.1', port: 0 },
      bootFiles: memoryBootFiles({ kernel: none, initrd: none }),
    }),
    clock: { ...systemClock, now: () => Date.now() + aheadMs },
    operations: { pollMs: 100, work },
  })
  const rest = createRestServer(between(kit), { authenticate: actorOf })
  return {
    kit: between(kit),
    url: simulator.url,
    call: async (method, path, given) => {
      const response = await rest.fetch(requestOf(method, path, given))
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
    },
    [Symbol.asyncDispose]: async () => {
      await rest.close()
      await kit.close()
      await simulator.close()
    },
  }
}

export function requestOf(method: string, path: string, { body, headers, as = 'ann' }: Given = {}): Request {
  return new Request(`http://lab/rest/v1${path}`, {
    method,
    headers: { 'x-caller': as, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

export function actorOf(request: Request): UserActor {
  const name = request.headers.get('x-caller') ?? 'nobody'
  const permissions = name === 'writer' ? new Set(['callbacks:write']) : ('all' as const)
  return { kind: 'user', user: name.length, name, permissions, groups: 'all' }
}

export const hooks = { callbackurl: 'https://hooks.example.com/ok', errorcallbackurl: 'https://hooks.example.com/failed' }

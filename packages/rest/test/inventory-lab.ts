import type { UserActor } from '@virtkit/core'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { authenticate } from '../src/server/authenticate.ts'
import { type Fields, type RestLab, openRestLab } from './rest-lab.ts'

export interface InventoryLab extends RestLab {
  readonly cluster: number
  readonly network: number
  /** Calls that must succeed, and what they answer. */
  ok(method: string, path: string, fields?: Fields): Promise<Answered>
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look at whatever came
type Answered = any

/** A lab with one cluster and one network, made over HTTP. */
export async function openInventoryLab(database: DatabaseLocation): Promise<InventoryLab> {
  // A password is slow to check, as it must be; these tests call often and are not about that.
  const known = new Map<string, Promise<UserActor | undefined>>()
  const remember = (request: Request): Promise<UserActor | undefined> => {
    const who = request.headers.get('authorization') ?? ''
    const actor = known.get(who) ?? authenticate(lab.kit, request)
    known.set(who, actor)
    return actor
  }
  const lab = await openRestLab(database, { rest: { authenticate: remember } })
  const ok: InventoryLab['ok'] = async (method, path, fields) => {
    const { status, body } = await lab.call(method, path, fields)
    if (status !== 200) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }
  try {
    const credentials = { name: 'east', username: 'root', password: 'hunter2', url: lab.simulator.url }
    const { key: credentialskey } = await ok('POST', '/clustercredentials', credentials)
    const { key: cluster } = await ok('POST', '/clusters', { name: 'east', type: 'simulated', credentialskey })
    const { key: network } = await ok('POST', '/networks', { name: 'lan', cluster, dhcp: false, cidr: '10.20.0.0/24' })
    return { ...lab, ok, cluster, network }
  } catch (error) {
    await lab[Symbol.asyncDispose]()
    throw error
  }
}

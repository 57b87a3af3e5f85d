import { VirtkitError } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { acting } from '../access/acting.ts'
import type { UserActor } from '../access/actor.ts'
import { actingServices } from './acting-services.ts'

const actor: UserActor = { kind: 'user', user: 7, name: 'ada', permissions: new Set(), groups: [] }
const by = { actor, request: 'r-1' }
const forbidden = new VirtkitError('FORBIDDEN', 'no', { details: { permission: 'things:write' } })

class Things {
  readonly #who: string[] = []
  readonly size = 3
  async add(_name: string, _by?: object): Promise<string[]> {
    await new Promise((resolve) => setTimeout(resolve, 1))
    this.#who.push(acting().who)
    return this.#who
  }
  now(_by?: object): unknown {
    return acting()
  }
  async refuse(_by?: object): Promise<never> {
    throw forbidden
  }
}

it('each call carries its own caller, also through what it waits for, and leaves none behind', async () => {
  const { things } = actingServices({ things: new Things() }, async () => {})
  await Promise.all([things.add('a', by), things.add('b'), things.add('c', { actor: { ...actor, user: 8 } })])
  expect((await things.add('d', undefined)).toSorted()).toEqual(['system', 'system', 'user/7', 'user/8'])
  expect(things.now(by)).toEqual({ who: 'user/7', name: 'ada', request: 'r-1' })
  expect(acting()).toEqual({ who: 'system' })
  expect(things.size).toBe(3)
  expect(things).toBeInstanceOf(Things)
})

it('a refusal is noted once, and thrown as it was; what the kit itself is refused is not', async () => {
  const noted: unknown[] = []
  const { things } = actingServices({ things: new Things() }, async (permission, who) => void noted.push([permission, who]))
  await expect(things.refuse(by)).rejects.toBe(forbidden)
  await expect(things.refuse()).rejects.toBe(forbidden)
  expect(noted).toEqual([['things:write', by]])
})

it('a service may be frozen, and one method of it replaced from outside', async () => {
  const frozen = Object.freeze({ name: () => acting().who })
  const { service } = actingServices({ service: frozen }, async () => {})
  expect(service.name()).toBe('system')
  Object.defineProperty(service, 'name', { value: () => 'another' })
  expect(service.name()).toBe('another')
})

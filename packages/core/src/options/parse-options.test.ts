import { randomBytes } from 'node:crypto'
import { type AnyDriver, type InputProblem, isVirtkitError } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import type { VirtkitOptions } from './options.ts'
import { parseOptions } from './parse-options.ts'

const driver = { spec: 1, name: 'acme', options: {}, connect: async () => {} } as unknown as AnyDriver
const right: VirtkitOptions = { database: { sqlite: 'virtkit.db' }, drivers: [driver] }

const channel = { type: 'pager', problemWith: () => undefined, send: async () => {} }
const withChannels = (...channels: object[]): object => ({ notifications: { channels } })

function problemsOf(change: object): readonly InputProblem[] {
  try {
    parseOptions({ ...right, ...change })
  } catch (error) {
    if (isVirtkitError(error, 'INVALID_INPUT')) return error.details.problems
    throw error
  }
  return []
}

describe('parseOptions', () => {
  it('fills in every default', () => {
    const options = parseOptions({ ...right, operations: { concurrency: 4, pollMs: undefined } })
    expect(options.operations).toEqual({
      work: true,
      concurrency: 4,
      perCluster: 16,
      perGroup: Infinity,
      pollMs: 1000,
      leaseMs: 8000,
    })
    expect(options.clock.now()).toBeGreaterThan(0)
    expect(options.random()).toBeLessThan(1)
  })

  it('hands on what the host gave, the very same objects', () => {
    expect(parseOptions(right).drivers[0]).toBe(driver)
  })

  it.each<[string, object, string, RegExp]>([
    ['no database', { database: undefined }, 'database', /sqlite.*postgres/],
    ['two databases', { database: { sqlite: 'a', postgres: 'postgres://b' } }, 'database', /sqlite.*postgres/],
    ['a database of another kind', { database: { mysql: 'x' } }, 'database', /sqlite.*postgres/],
    ['an empty file name', { database: { sqlite: '' } }, 'database.sqlite', /must be a file/],
    ['a URL of another protocol', { database: { postgres: 'mysql://a' } }, 'database.postgres', /postgres:\/\/user@host/],
    [
      'one connection',
      { database: { postgres: 'postgres://a', maxConnections: 1 } },
      'database.maxConnections',
      /at least 2/,
    ],
    ['no drivers', { drivers: [] }, 'drivers', /at least one/],
    ['a driver of another contract', { drivers: [{ ...driver, spec: 2 }] }, 'drivers[0].spec', /contract 1/],
    ['a driver without connect', { drivers: [{ ...driver, connect: 1 }] }, 'drivers[0].connect', /function/],
    ['a shouting driver', { drivers: [{ ...driver, name: 'ACME' }] }, 'drivers[0].name', /lower case/],
    ['two drivers of one name', { drivers: [driver, driver] }, 'drivers[1].name', /two drivers named acme/],
    ['a short key', { encryption: { keys: [{ id: 'a', key: 'c2hvcnQ=' }] } }, 'encryption.keys[0].key', /32 bytes/],
    ['no key at all', { encryption: { keys: [] } }, 'encryption.keys', /at least 1/],
    ['a key and a file', { encryption: { keys: [], keyFile: 'x' } }, 'encryption', /keyFile.*keys/],
    ['a short lease', { operations: { leaseMs: 10 } }, 'operations.leaseMs', /at least 1000/],
    ['a cluster without room', { operations: { perCluster: 0 } }, 'operations.perCluster', /at least 1/],
    ['a group without room', { operations: { perGroup: 0 } }, 'operations.perGroup', /at least 1/],
    ['a limit in words', { operations: { perCluster: 'few' } }, 'operations.perCluster', /from 1 to 10000/],
    ['half a worker', { operations: { concurrency: 0.5 } }, 'operations.concurrency', /whole number/],
    ['a misspelt option', { operations: { leaseMS: 9000 } }, 'operations.leaseMS', /no such field/],
    ['an option that does not exist', { drivres: [] }, 'drivres', /no such field/],
    ['a sink without a name', { eventSinks: [{ deliver: () => {} }] }, 'eventSinks[0].name', /missing/],
    ['our mail', withChannels({ ...channel, type: 'mail' }), 'notifications.channels[0].type', /built in/],
    ['a mute channel', withChannels({ ...channel, send: 1 }), 'notifications.channels[0].send', /function/],
    ['two channels of one type', withChannels(channel, channel), 'notifications.channels[1].type', /two channels pager/],
    ['half a minute in words', { notifications: { digestMs: '30s' } }, 'notifications.digestMs', /a number/],
    ['a certificate file', { notifications: { mailCa: '/etc/ca.pem' } }, 'notifications.mailCa', /as PEM/],
    ['an agreement in one language', { eula: { en: 'x' } }, 'eula.de', /missing/],
    ['a version in words', { updates: { current: 'new', available: () => {} } }, 'updates.current', /version/],
    ['updates from nowhere', { updates: {} }, 'updates.available', /function|missing/],
    ['a clock that stands', { clock: { now: () => 1 } }, 'clock.sleep', /function|missing/],
  ])('%s is refused, and the field is named', (_, change, field, problem) => {
    const found = problemsOf(change).find((each) => each.field === field)
    expect(found?.problem).toMatch(problem)
  })

  it('tells every problem at once', () => {
    const fields = problemsOf({ drivers: [], random: 4, operations: { pollMs: 1 } }).map((each) => each.field)
    expect(fields.toSorted()).toEqual(['drivers', 'operations.pollMs', 'random'])
  })

  it('says what is wrong when there are no options at all', () => {
    expect(() => parseOptions(undefined as unknown as VirtkitOptions)).toThrow(/^options: is missing/)
  })

  it('never repeats a value, which may be a secret', () => {
    const key = randomBytes(31).toString('base64')
    const text = JSON.stringify(
      problemsOf({ encryption: { keys: [{ id: 'a', key }] }, database: { postgres: `x://:${key}@h` } }),
    )
    expect(text).not.toContain(key)
  })
})

import { Secret, isVirtkitError } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import {
  parseClusterChange,
  parseCredentialsChange,
  parseDefaults,
  parseNewCluster,
  parseNewCredentials,
} from './cluster-rules.ts'

const right = { name: 'east', type: 'acme', credentials: { url: 'https://east' } }

function problems(parse: (input: unknown) => unknown, input: unknown): string[] {
  try {
    parse(input)
  } catch (error) {
    if (isVirtkitError(error, 'INVALID_INPUT'))
      return error.details.problems.map((each) => `${each.field}: ${each.problem}`)
    throw error
  }
  return []
}

describe('parseNewCluster', () => {
  it('fills in what is left out; credentials are named after the cluster', () => {
    expect(parseNewCluster(right)).toEqual({
      name: 'east',
      type: 'acme',
      callbacks: [],
      options: {},
      credentials: {
        name: 'east',
        url: 'https://east',
        username: '',
        password: new Secret(''),
        insecure: false,
        http: false,
      },
    })
  })

  it('takes stored credentials and defaults by key', () => {
    expect(parseNewCluster({ ...right, credentials: 3, defaults: 4 })).toMatchObject({ credentials: 3, defaults: 4 })
  })

  it('tells every problem, with the fields as they were written', () => {
    const wrong = {
      name: '',
      credentials: { url: '', port: 1 },
      options: { depth: 1 },
      defaults: { host: 5 },
      callbacks: [0],
    }
    expect(problems(parseNewCluster, wrong)).toEqual([
      'name: must not be empty',
      'type: is missing',
      'credentials.url: must not be empty',
      'credentials.port: there is no such field',
      'defaults.host: must be a string',
      'callbacks[0]: must be at least 1',
    ])
  })

  it.each([
    ['a secret', { token: new Secret('x') }],
    ['a function', { hook: () => {} }],
    ['a date', { at: new Date(0) }],
    ['a list in place of an object', [1]],
    ['what JSON cannot say', { size: Number.NaN }],
    ['more than 64 KiB', { text: 'x'.repeat(70_000) }],
  ])('%s is no option of a cluster', (_, options) => {
    expect(problems(parseNewCluster, { ...right, options })).toEqual([expect.stringMatching(/^options: .*plain JSON/)])
  })

  it('refuses a password among the options, where it would lie in clear', () => {
    expect(problems(parseNewCluster, { ...right, options: { password: 'hunter2', zone: 'a' } })).toEqual([
      'options.password: belongs into the credentials',
    ])
  })
})

describe('parseNewCredentials', () => {
  it('needs a name', () => {
    expect(problems(parseNewCredentials, { url: 'https://east' })).toEqual(['name: is missing'])
  })

  it('takes a password as text or as a secret, also of another copy of the contract', () => {
    const foreign = { reveal: () => 'hunter2' }
    for (const password of ['hunter2', new Secret('hunter2'), foreign]) {
      expect(parseNewCredentials({ name: 'c', url: 'https://east', password }).password.reveal()).toBe('hunter2')
    }
  })

  it('refuses a URL with a password in it, and does not repeat it', () => {
    const found = problems(parseNewCredentials, { name: 'c', url: 'https://root:hunter2@east' })
    expect(found).toEqual([expect.stringMatching(/^url: must not carry a password/)])
    expect(found.join()).not.toContain('hunter2')
  })

  it('takes what is no URL: that is for the driver to judge', () => {
    expect(problems(parseNewCredentials, { name: 'c', url: '/var/run/socket' })).toEqual([])
  })
})

describe('changes', () => {
  it('hold only what is named', () => {
    expect(parseCredentialsChange({ insecure: true })).toEqual({ insecure: true })
    expect(parseClusterChange({ defaultsKey: null })).toEqual({ defaultsKey: null })
    expect(parseDefaults({})).toEqual({})
  })
})

import { Secret } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { AesKeyring } from '../access/aes-keyring.ts'
import { freshKey } from '../access/key-file.ts'
import { KnownSecrets } from './known-secrets.ts'
import { keptFields, levelOf, parseLine, serviceOf } from './log-rules.ts'
import { Pseudonyms } from './pseudonyms.ts'

const keep = (fields: Record<string, unknown>): unknown => keptFields(fields, (text) => text)

describe('keptFields', () => {
  it('keeps numbers and flags, and texts of fields that are known', () => {
    const fields = { cluster: 3, dhcp: false, groups: [1, 2], name: 'web-1', code: 'TIMEOUT' }
    expect(keep(fields)).toEqual(fields)
  })

  it('keeps no text under another name, no list of texts, no object, and not what a prototype has', () => {
    const fields = { password: 'hunter2', packages: ['a'], options: { token: 'x' }, constructor: 'x', 'a b': 1 }
    expect(keep(fields)).toEqual({})
  })

  it('a word is a word, a URL its origin, and no text breaks out of its line', () => {
    const url = 'https://ada:hunter2@hooks.example.com:8443/T0/secret?key=1'
    expect(keep({ code: 'two words', url, error: `a\nb${'c'.repeat(900)}` })).toEqual({
      url: 'https://hooks.example.com:8443',
      error: `a b${'c'.repeat(497)}`,
    })
  })
})

it('events are of the service that would have told them', () => {
  expect(['machine.created', 'install.ready', 'user.updated', 'snapshot.removed', 'toString.x'].map(serviceOf)).toEqual([
    'inventory',
    'configurator',
    'core',
    'integrator',
    'core',
  ])
  expect(['machine.created', 'install.progressed', 'install.failed', 'machine.orphaned'].map(levelOf)).toEqual([
    'info',
    'debug',
    'warning',
    'error',
  ])
})

it.each(['', '{', '{"at":1}', '{"at":1,"service":"core","level":"loud","message":"event"}', 'null'])(
  'half a line is none: %s',
  (text) => {
    expect(parseLine(text, 'a')).toBeUndefined()
  },
)

describe('KnownSecrets', () => {
  it('takes out what went through the ring, as it is, in a URL and in base64', () => {
    const secrets = new KnownSecrets()
    const ring = secrets.watching(new AesKeyring([freshKey()]))
    const sealed = ring.seal(new Secret('correct horse'), 'a')
    const text = `correct horse ${encodeURIComponent('correct horse')} ${Buffer.from('correct horse').toString('base64')} ${sealed}`
    expect(secrets.redact(text)).toBe('[secret] [secret] [secret] [sealed]')
    expect(ring.open(sealed, 'a').reveal()).toBe('correct horse')
  })

  it.each([
    ['failed: password=hunter2, token: abc', 'failed: password=[secret], token: [secret]'],
    ['http://ada:hunter2@db/x', 'http://[secret]@db/x'],
    ['Authorization: Basic YWRhOmh1bnRlcjI=', 'Authorization: [secret] [secret]'],
    ['hash $6$salt$abc/def.', 'hash [hash]'],
    ['signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'signed with [secret]'],
    [`GET /guest/${'aB3_'.repeat(11)}/boot`, 'GET /guest/[long]/boot'],
    [
      'operation 7b0e5a8e-8a35-4d58-9f7c-1b2c3d4e5f60 of machine/12',
      'operation 7b0e5a8e-8a35-4d58-9f7c-1b2c3d4e5f60 of machine/12',
    ],
  ])('%s', (text, without) => {
    expect(new KnownSecrets().redact(text)).toBe(without)
  })
})

describe('Pseudonyms', () => {
  const key = new Secret(Buffer.alloc(32, 1).toString('base64url'))
  const line = (fields: Record<string, string | number>) =>
    new Pseudonyms(key).line({ at: 1, service: 'core', level: 'info', message: 'event', process: 'p', fields }).fields

  it('the same stands for the same, whatever field it is in, and by another key for something else', () => {
    const { name } = line({ name: 'web-1' })
    expect(name).toMatch(/^name-[0-9a-f]{12}$/)
    expect(line({ user: 'web-1', host: 'web-1', url: 'http://web-1:80' })).toEqual({
      user: name,
      host: name,
      url: `http://${name}`,
    })
    const other = new Pseudonyms(new Secret(Buffer.alloc(32, 2).toString('base64url')))
    expect(other.ipv4('10.0.0.1')).not.toBe(new Pseudonyms(key).ipv4('10.0.0.1'))
  })

  it('an address stays one, of a range that nobody has', () => {
    const shown = line({
      ip: '10.20.0.4/24',
      address: 'fd00::1',
      mac: '52:54:00:AA:bb:cc',
      url: 'https://[fd00:0::1]:8443',
    })
    expect(shown['ip']).toMatch(/^2[45]\d\.\d+\.\d+\.\d+\/24$/)
    expect(shown['address']).toMatch(/^2001:db8(:[0-9a-f]{4}){6}$/)
    expect(shown['mac']).toMatch(/^02(:[0-9a-f]{2}){5}$/)
    expect(shown['url']).toBe(`https://[${shown['address']}]:8443`)
  })

  it('our own words and numbers stay, and sentences go', () => {
    expect(line({ event: 'machine.created', owner: 4, error: 'ada lacks the permission' })).toEqual({
      event: 'machine.created',
      owner: 4,
    })
  })
})

import { Secret } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { failureOf, isMailAddress, mailDefaults, parseMailSettings, securityOf, senderOf } from './mail-rules.ts'

const stored = { ...mailDefaults, server: 'smtp.example.com', username: 'u', hasPassword: true }
const same = { server: 'smtp.example.com', username: 'u' }

describe('parseMailSettings', () => {
  it('nothing given means the defaults', () => {
    const { hasPassword: _, ...defaults } = mailDefaults
    expect(parseMailSettings({}, mailDefaults)).toEqual({ values: defaults, keepsPassword: false })
  })

  it('a password that is left out stays, as long as it goes where it went', () => {
    expect(parseMailSettings({ ...same, sender: 'a@b.example' }, stored).keepsPassword).toBe(true)
    expect(parseMailSettings({ ...same, password: 'new' }, stored).keepsPassword).toBe(false)
  })

  it.each([
    ['another server', { server: 'evil.example.com' }],
    ['another port', { port: 25 }],
    ['another user', { username: 'v' }],
    ['less security', { security: 'starttls' as const }],
  ])('a stored password does not go to %s', (_, change) => {
    expect(() => parseMailSettings({ ...same, ...change }, stored)).toThrow(/^password: is missing.*no other server/)
  })

  it.each([
    [{ server: 'smtp://example.com' }, 'server'],
    [{ server: 'a b' }, 'server'],
    [{ username: 'u', password: 'p' }, 'server'],
    [{ server: 's', port: 0 }, 'port'],
    [{ server: 's', port: 65_536 }, 'port'],
    [{ server: 's', password: 'hunter2' }, 'username'],
    [{ server: 's', username: 'u\r\nDATA' }, 'username'],
    [{ server: 's', username: 'u', password: 'hunter2\n' }, 'password'],
    [{ server: 's', username: 'u', password: '' }, 'password'],
    [{ server: 's', username: 'u', password: 'hunter2', security: 'none' as const }, 'security'],
    [{ server: 's', sender: 'a@b.example, c@d.example' }, 'sender'],
    [{ mailserver: 's' } as never, 'mailserver'],
  ])('refuses %j, naming %s and never the password', (input, field) => {
    const attempt = () => parseMailSettings(input, mailDefaults)
    expect(attempt).toThrow(new RegExp(`^${field}:`))
    expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }))
  })
})

it.each([
  ['auto', 465, true, { secure: true, requireTLS: false, ignoreTLS: false }],
  ['auto', 587, true, { secure: false, requireTLS: true, ignoreTLS: false }],
  ['auto', 25, false, { secure: false, requireTLS: false, ignoreTLS: false }],
  ['tls', 2465, false, { secure: true, requireTLS: false, ignoreTLS: false }],
  ['starttls', 25, false, { secure: false, requireTLS: true, ignoreTLS: false }],
  ['none', 25, false, { secure: false, requireTLS: false, ignoreTLS: true }],
] as const)('security %s on port %d (password: %s) never sends a password in the clear', (security, port, has, wanted) => {
  expect(securityOf({ ...mailDefaults, security, port, hasPassword: has })).toEqual(wanted)
})

it('mail comes from what is set, the user, or this kit at the server', () => {
  expect(senderOf({ sender: 'a@b.example', username: 'u@v.example', server: 's' })).toBe('a@b.example')
  expect(senderOf({ sender: '', username: 'u@v.example', server: 's' })).toBe('u@v.example')
  expect(senderOf({ sender: '', username: 'u', server: 'smtp.example.com' })).toBe('virtkit@smtp.example.com')
  expect(senderOf({ sender: '', username: '', server: '127.0.0.1' })).toBe('virtkit@localhost')
})

it('one address is one address', () => {
  const bad = [
    '',
    'a',
    'a@',
    '@b',
    'a@b,c@d',
    'a@b c@d',
    '<a@b>',
    'a@b\r\nBcc: c@d',
    'a b@c',
    'A: a@b;',
    `${'x'.repeat(65)}@b`,
  ]
  expect(bad.filter(isMailAddress)).toEqual([])
  const good = ['ops@example.com', 'ops+x@localhost', 'ä@example.com', 'ops@[127.0.0.1]']
  expect(good.filter(isMailAddress)).toEqual(good)
})

describe('failureOf', () => {
  it.each([
    [
      { code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN', response: '535 hunter2' },
      /user name.*\(it said 535\)/,
      false,
    ],
    [{ code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' }, /address \(it said 550\)/, true],
    [{ code: 'EENVELOPE', responseCode: 451, command: 'RCPT TO' }, /it said 451/, false],
    [{ code: 'EENVELOPE', responseCode: 530, command: 'MAIL FROM' }, /it said 530/, false],
    [{ code: 'EMESSAGE', responseCode: 552, command: 'DATA' }, /message \(it said 552\)/, true],
    [{ code: 'ETIMEDOUT' }, /in time\.$/, false],
    [new Error('hunter2'), /^Mail could not be sent\.$/, false],
    [undefined, /^Mail could not be sent\.$/, false],
    [{ code: 'toString' }, /^Mail could not be sent\.$/, false],
  ])('of %j says %s', (error, reason, isFinal) => {
    const failure = failureOf(error)
    expect(failure).toEqual({ reason: expect.stringMatching(reason), isFinal })
    expect(failure.reason).not.toContain('hunter2')
  })
})

it('a password may be handed in as a secret', () => {
  const { values } = parseMailSettings({ ...same, password: new Secret('hunter2') }, mailDefaults)
  expect(values.password?.reveal()).toBe('hunter2')
  expect(JSON.stringify(values)).not.toContain('hunter2')
})

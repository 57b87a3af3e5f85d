import { type NotificationMessage, Secret, type VirtkitError } from '@virtkit/spi'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type MailLab, type MailLabOptions, openMailLab, selfSigned } from '../../test/mail-lab.ts'
import { MailChannel, type MailOptions } from './mail-channel.ts'
import { mailDefaults } from './mail-rules.ts'
import type { MailAccount } from './mail-settings.ts'
import type { MailTemplate } from '../options/options.ts'

const message: NotificationMessage = {
  id: 'd1',
  to: 'ops@example.org',
  user: 1,
  severity: 'error',
  title: 'error: The installation of wéb-1 failed',
  text: 'No disk.\n.\nEnd.',
  notices: [],
  at: Date.UTC(2026, 10, 26, 12),
}
const never = new AbortController().signal

describe('MailChannel', () => {
  let tls: { key: string; cert: string }
  let lab: MailLab
  const open = async (options: MailLabOptions = {}) => (lab = await openMailLab(options))
  const channel = (change: Partial<MailAccount> = {}, options: MailOptions = { ca: tls.cert }) => {
    const account = { ...mailDefaults, server: '127.0.0.1', port: lab.port, ...change }
    return new MailChannel(async () => ({ ...account, hasPassword: account.password !== undefined }), options)
  }
  const signIn = { username: 'virtkit@example.com', password: new Secret('hunter2') }

  beforeAll(async () => {
    tls = await selfSigned()
  })
  afterEach(() => lab[Symbol.asyncDispose]())

  it('sends over TLS from the first byte, signed in, the whole text, and with an id that stays', async () => {
    await open({ ...tls, secure: true })
    const mail = channel({ ...signIn, security: 'tls' })
    expect(await mail.send(message, never)).toBeUndefined()
    expect(await mail.send(message, never)).toBeUndefined()
    const [first, second] = lab.mails
    expect(first).toMatchObject({
      from: 'virtkit@example.com',
      to: ['ops@example.org'],
      secure: true,
      user: 'virtkit@example.com',
    })
    expect(first!.header('message-id')).toBe('<d1@notifications.virtkit>')
    expect(second!.header('message-id')).toBe(first!.header('message-id'))
    expect(first!.header('auto-submitted')).toBe('auto-generated')
    expect(first!.header('date')).toMatch(/26 Nov 2026 12:00:00/)
    expect(first!.header('subject')).toMatch(/^=\?UTF-8\?/)
    expect(first!.source).toMatch(/No disk\.\r\n\.\r\nEnd\./)
  })

  it('switches to TLS before it says the password', async () => {
    await open({ ...tls })
    expect(await channel(signIn).send(message, never)).toBeUndefined()
    expect(lab.mails).toMatchObject([{ secure: true, user: 'virtkit@example.com' }])
  })

  it('does not say the password where TLS is not offered, although the server would take it', async () => {
    await open({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
    expect(await channel(signIn).send(message, never)).toEqual({ failed: expect.stringMatching(/could not be secured/) })
    expect(lab).toMatchObject({ mails: [], attempts: [] })
  })

  it('without a password it sends in the clear only where nothing better is offered', async () => {
    await open({ disabledCommands: ['STARTTLS', 'AUTH'], authOptional: true })
    expect(await channel().send(message, never)).toBeUndefined()
    await lab.stop()
    await open({ ...tls, authOptional: true })
    expect(await channel().send(message, never)).toBeUndefined()
    expect(lab.mails).toMatchObject([{ secure: true }])
  })

  it('a certificate that nobody vouches for is not taken', async () => {
    await open({ ...tls })
    expect(await channel(signIn, {}).send(message, never)).toEqual({ failed: expect.stringMatching(/^The /) })
    expect(lab).toMatchObject({ mails: [], attempts: [] })
  })

  it('a wrong password is told of, and not which', async () => {
    await open({ ...tls })
    const result = await channel({ ...signIn, password: new Secret('swordfish') }).send(message, never)
    expect(result).toEqual({ failed: 'The mail server did not accept the user name and password (it said 535).' })
    expect(lab.attempts).toContain('virtkit@example.com:swordfish')
    expect(inspect(result)).not.toContain('swordfish')
  })

  it('a server that knows no users gets no mail without signing in', async () => {
    await open({ ...tls, disabledCommands: ['AUTH'], authOptional: true })
    expect(await channel(signIn).send(message, never)).toMatchObject({ failed: expect.any(String) })
    expect(lab.mails).toEqual([])
  })

  it('an address that the server does not know is refused for good, one that is busy is not', async () => {
    const status = { now: 550 }
    const options: MailLabOptions = {
      ...tls,
      authOptional: true,
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no'), { responseCode: status.now })),
    }
    await open(options)
    expect(await channel().send(message, never)).toEqual({ refused: expect.stringMatching(/it said 550/) })
    status.now = 450
    expect(await channel().send(message, never)).toEqual({ failed: expect.stringMatching(/it said 450/) })
  })

  it('a server that is not there, and no server at all, are told of; one that is back takes the mail', async () => {
    await open({ disabledCommands: ['STARTTLS', 'AUTH'], authOptional: true })
    await lab.stop()
    expect(await channel().send(message, never)).toEqual({ failed: expect.stringMatching(/was not reached/) })
    const none = new MailChannel(async () => undefined)
    expect(await none.send(message, never)).toEqual({ failed: 'There is no mail server in the settings.' })
    await lab.start()
    expect(await channel().send(message, never)).toBeUndefined()
    expect(lab.mails).toHaveLength(1)
  })

  it.each([
    [451, { failed: expect.stringMatching(/did not accept the message \(it said 451\)/) }],
    [554, { refused: expect.stringMatching(/did not accept the message \(it said 554\)/) }],
  ])('after the whole text, %d is told of for what it is', async (responseCode, result) => {
    await open({
      ...tls,
      authOptional: true,
      onMail: () => Promise.reject(Object.assign(new Error('hunter2'), { responseCode })),
    })
    expect(await channel().send(message, never)).toEqual(result)
  })

  it('a server that takes the text and says no more is left after its time', async () => {
    const held = Promise.withResolvers<void>()
    await open({ ...tls, authOptional: true, onMail: () => held.promise })
    const sending = channel({}, { ca: tls.cert, timeoutMs: 300 }).send(message, never)
    expect(await sending).toEqual({ failed: expect.stringMatching(/did not answer in time/) })
    held.resolve()
  })

  it('a server that is killed in the middle of a message gets it when it is back', async () => {
    await open({
      ...tls,
      authOptional: true,
      onData: (stream) => void stream.once('data', () => lab.cut()),
    })
    expect(await channel().send(message, never)).toEqual({
      failed: expect.stringMatching(/^The mail server|^The connection/),
    })
    await lab.stop()
    await open({ ...tls, authOptional: true })
    expect(await channel().send(message, never)).toBeUndefined()
    expect(lab.mails.map((mail) => mail.header('message-id'))).toEqual(['<d1@notifications.virtkit>'])
  })

  it('a server that speaks in the clear where TLS is asked for from the first byte gets nothing', async () => {
    await open({ ...tls })
    expect(await channel({ ...signIn, security: 'tls' }).send(message, never)).toMatchObject({ failed: expect.any(String) })
    expect(lab).toMatchObject({ mails: [], attempts: [] })
  })

  it("a host's template says how mails look; one that fails is reported, and the mail goes out as ever", async () => {
    await open({ ...tls, authOptional: true })
    const problems: VirtkitError[] = []
    const onError = (error: VirtkitError) => void problems.push(error)
    const template: MailTemplate = ({ title, severity, notices }) => ({
      subject: `[Acme]\r\nBcc: all@example.org ${severity}`,
      text: `${title}, ${notices.length}`,
      html: `<b>${severity}</b>`,
    })
    const options = { ca: tls.cert, onError }
    expect(await channel({}, { ...options, template }).send(message, never)).toBeUndefined()
    expect(
      await channel({}, { ...options, template: () => ({ subject: 7 }) as never }).send(message, never),
    ).toBeUndefined()
    const broken = () => {
      throw new Error('hunter2')
    }
    expect(await channel({}, { ...options, template: broken }).send(message, never)).toBeUndefined()
    const [mine, ...plain] = lab.mails
    expect(mine!.header('subject')).toBe('[Acme] Bcc: all@example.org error')
    expect(mine!.header('bcc')).toBeUndefined()
    expect(mine!.to).toEqual(['ops@example.org'])
    expect(mine!.source).toContain('<b>error</b>')
    for (const mail of plain) expect(mail.source).toContain('No disk.')
    expect(problems).toMatchObject([{ code: 'INTERNAL' }, { code: 'INTERNAL' }])
    expect(problems.map(({ message: text }) => text).join()).not.toContain('hunter2')
  })

  it('a server that says nothing is left after its time, and at once when all is closed', async () => {
    await open()
    const silent = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const { port } = silent.address() as AddressInfo
    const closing = new AbortController()
    const sending = channel({ port }, { timeoutMs: 60_000 }).send(message, closing.signal)
    silent.once('connection', () => closing.abort())
    expect(await sending).toMatchObject({ failed: expect.any(String) })
    expect(await channel({ port }, { timeoutMs: 50 }).send(message, never)).toEqual({
      failed: 'The mail server did not answer in time.',
    })
    await new Promise((resolve) => silent.close(resolve))
  })
})

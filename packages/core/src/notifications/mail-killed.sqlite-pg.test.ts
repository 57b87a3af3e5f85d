import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, expect, it } from 'vitest'
import { mailKitOptions } from '../../test/mail-kit.ts'
import { openMailLab, selfSigned } from '../../test/mail-lab.ts'
import { createVirtkit } from '../virtkit.ts'

const victim = fileURLToPath(new URL('../../test/mail-victim.ts', import.meta.url))

eachDatabase((db) => {
  let child: ChildProcess | undefined
  afterEach(() => void child?.kill('SIGKILL'))

  it('killed between sending and marking, the next process sends the same mail with the same id', async () => {
    const tls = await selfSigned()
    // The server has the mail, and who sent it dies before it hears so.
    const onMail = async (): Promise<void> => {
      if (child?.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    await using lab = await openMailLab({ ...tls, onMail })
    const location = await db.options()
    const options = mailKitOptions(location, tls.cert)
    const errors: unknown[] = []
    await using kit = await createVirtkit({ ...options, operations: { work: false } })
    const user = await kit.users.add({ name: 'ada', password: 'long enough', permissionGroups: ['administrator'] })
    await kit.mailSettings.replace({
      server: '127.0.0.1',
      port: lab.port,
      username: 'virtkit@example.com',
      password: 'hunter2',
    })
    const filter = await kit.notifications.add({
      type: 'mail',
      to: 'ada@example.org',
      user: user.key,
      severities: ['critical'],
    })
    await kit.database.transaction((queries) =>
      kit.events.append(queries, { type: 'backup.failed', subject: 'backup', data: { message: 'No space.' } }),
    )

    const words = ['--conditions=@virtkit/source', victim, JSON.stringify(location), tls.cert]
    child = spawn(process.execPath, words, { stdio: 'inherit' })
    await once(child, 'close')
    expect(child.signalCode).toBe('SIGKILL')
    expect(lab.mails).toHaveLength(1)
    expect(await kit.notifications.deliveries(filter.key)).toMatchObject([{ state: 'due', attempts: 1 }])

    // Later, when the claim of the dead is over.
    const later = { ...systemClock, now: () => Date.now() + 180_000 }
    await using next = await createVirtkit({ ...options, clock: later, onError: (error) => void errors.push(error) })
    const told = () => next.notifications.deliveries(filter.key)
    await expect.poll(told, { timeout: 20_000 }).toMatchObject([{ state: 'delivered', attempts: 2 }])
    expect(lab.mails.map(({ secure, user: name }) => [secure, name])).toEqual([
      [true, 'virtkit@example.com'],
      [true, 'virtkit@example.com'],
    ])
    const ids = lab.mails.map((mail) => mail.header('message-id'))
    expect(ids[0]).toMatch(/^<[0-9a-f-]{36}@notifications\.virtkit>$/)
    expect(ids[1]).toBe(ids[0])
    expect(lab.mails[1]!.source).toMatch(/No space\./)
    const seen = JSON.stringify([errors, await told(), await next.events.list({}), await next.mailSettings.get()])
    expect(seen).not.toContain('hunter2')
  })
})

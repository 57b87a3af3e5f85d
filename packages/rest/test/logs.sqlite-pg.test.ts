import { eachDatabase } from '@virtkit/test-databases'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openRestLab } from './rest-lab.ts'

eachDatabase((db) => {
  it('logs are read by service, level and time, and with pseudonyms when asked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-rest-logs-'))
    try {
      await using lab = await openRestLab(await db.options(), { kit: { logs: { folder } } })
      const before = Date.now()
      const { key } = await lab.kit.groups.add({ name: 'team-a' })
      // Whoever asks logs in, which is an event as well.
      const ofTheGroup = (logs: { fields: { event: string } }[]) =>
        logs.filter(({ fields }) => !fields.event.startsWith('login.'))
      const asked = { services: ['core'], levels: ['info', 'warning'], starttime: before * 1e6 }
      const { status, body } = await lab.call('POST', '/logs', asked)
      expect(status).toBe(200)
      expect({ ...body, logs: ofTheGroup(body.logs) }).toEqual({
        logs: [
          {
            timestamp: expect.any(Number),
            service: 'core',
            level: 'info',
            message: 'event',
            process: expect.stringMatching(/^[0-9a-f]{8}$/),
            fields: { event: 'group.created', subject: `group/${key}`, name: 'team-a' },
          },
        ],
        truncated: false,
      })
      expect(body.logs[0].timestamp).toBeGreaterThanOrEqual(before * 1e6)
      expect((await lab.call('POST', '/logs', { ...asked, endtime: (before - 1) * 1e6 })).body.logs).toEqual([])
      expect((await lab.call('POST', '/logs', { services: ['inventory'] })).body.logs).toEqual([])
      const hidden = (await lab.call('POST', '/logs', { ...asked, pseudonymization: 'true' })).body.logs[0].fields
      expect(hidden).toEqual({
        event: 'group.created',
        subject: `group/${key}`,
        name: expect.stringMatching(/^name-[0-9a-f]{12}$/),
      })
      const wrong = await lab.call('POST', '/logs', { services: ['kernel'], starttime: 'yesterday', color: 1 })
      expect(wrong).toMatchObject({ status: 400, body: { errors: expect.arrayContaining(['unknown parameter: color']) } })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

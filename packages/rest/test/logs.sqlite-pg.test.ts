import { eachDatabase } from '@virtkit/test-databases'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { readStream } from './read-stream.ts'
import { admin, basic, openRestLab } from './rest-lab.ts'

eachDatabase((db) => {
  it('logs are read by service, level and time, and with pseudonyms when asked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-rest-logs-'))
    try {
      await using lab = await openRestLab(await db.options(), { kit: { logs: { folder } } })
      const before = Date.now()
      const { key } = await lab.kit.groups.add({ name: 'team-a' })
      // Whoever asks logs in, which is an event as well; and each question that is no GET is logged itself.
      const ofTheGroup = (logs: { fields: { event?: string } }[]) =>
        logs.filter(({ fields }) => fields.event !== undefined && !fields.event.startsWith('login.'))
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
      const hidden = await lab.call('POST', '/logs', { ...asked, pseudonymization: 'true' })
      expect(ofTheGroup(hidden.body.logs)[0]?.fields).toEqual({
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

  it('requests are logged by their route, and nothing of what was sent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-rest-logs-'))
    try {
      await using lab = await openRestLab(await db.options(), { kit: { logs: { folder } } })
      await lab.kit.settings.update({ serviceLevels: { core: 'debug' } })
      await vi.waitFor(async () => {
        await lab.call('GET', '/callbacks/4711?token=canary-in-query', undefined, { 'x-request-id': 'asked-by-me' })
        expect(await answered('asked-by-me')).not.toEqual([])
      }, 20_000)
      await lab.rest.fetch(new Request('http://lab/rest/v1/canary-in-path'), { address: '192.0.2.7' })
      await lab.as(undefined)('POST', '/usergroups', { name: 'canary-in-body' })
      await lab.call('GET', '/users')
      const lines = (await lab.kit.logs.list()).lines.filter(({ message }) => message === 'request answered')
      expect(
        lines.map(({ level, fields }) => [level, fields['method'], fields['route'], fields['status'], fields['user']]),
      ).toEqual(
        expect.arrayContaining([
          ['info', 'GET', '/callbacks/:key', 400, 1],
          ['info', 'GET', 'none', 404, undefined],
          ['info', 'POST', '/usergroups', 401, undefined],
          ['debug', 'GET', '/users', 200, 1],
        ]),
      )
      expect(lines.find(({ fields }) => fields['route'] === 'none')?.fields['address']).toBe('192.0.2.7')
      expect(JSON.stringify(lines)).not.toMatch(/canary|4711/)

      async function answered(request: string) {
        const page = await lab.kit.logs.list()
        return page.lines.filter(({ fields }) => fields['request'] === request)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('logs are followed as they are written, resumed by their last line, and refused where there are none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-rest-logs-'))
    try {
      await using lab = await openRestLab(await db.options(), { kit: { logs: { folder } } })
      const ask = (query: string, headers: Record<string, string> = {}) =>
        lab.rest.fetch(
          new Request(`http://lab/rest/v1/logs/follow?${query}`, { headers: { authorization: basic(admin), ...headers } }),
        )
      const before = Date.now()
      await lab.kit.groups.add({ name: 'team-a' })
      const response = await ask(`services=core&services=inventory&levels=info&starttime=${before * 1e6}`)
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
      const names: unknown[] = []
      let last = ''
      for await (const { id, data } of readStream(response)) {
        if (data.fields.event !== 'group.created') continue
        last = id
        expect(data).toMatchObject({ service: 'core', level: 'info', message: 'event', timestamp: Number(id) * 1e6 })
        names.push(data.fields.name)
        if (names.length === 2) break
        await lab.kit.groups.add({ name: 'team-b' })
      }
      expect(names).toEqual(['team-a', 'team-b'])
      await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Number(last) + 1), 20_000)
      await lab.kit.groups.add({ name: 'team-c' })
      for await (const { data } of readStream(
        await ask('services=core&pseudonymization=true', { 'last-event-id': last }),
      )) {
        names.push(data.fields.event === 'group.created' ? data.fields.name : undefined)
        if (data.fields.subject === 'group/3') break
      }
      expect(names.slice(2)).not.toContain('team-a')
      expect(names.at(-1)).toMatch(/^name-[0-9a-f]{12}$/)
      expect((await ask('services=kernel')).status).toBe(400)
      expect((await ask('', { 'last-event-id': 'yesterday' })).status).toBe(400)
      await using silent = await openRestLab({ sqlite: ':memory:' })
      expect((await silent.call('GET', '/logs/follow')).status).toBe(422)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

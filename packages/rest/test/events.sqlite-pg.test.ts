import { eachDatabase } from '@virtkit/test-databases'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openMachineLab } from './machine-lab.ts'
import { readStream } from './read-stream.ts'
import { basic } from './rest-lab.ts'

const encryption = { keys: [{ id: 'test', key: Buffer.alloc(32, 7).toString('base64') }] }
const program = fileURLToPath(new URL('event-writer.ts', import.meta.url))

eachDatabase((db) => {
  it('while two processes write, a reader that is cut off again and again misses nothing and hears nothing twice', async () => {
    const database = await db.options()
    await using lab = await openMachineLab(database, { kit: { encryption } })
    const count = 60
    const writers = ['left', 'right'].map((name) =>
      fork(program, [JSON.stringify({ database, encryption }), name, String(count)], {
        execArgv: ['--conditions=@virtkit/source'],
      }),
    )
    const exits = writers.map((writer) => once(writer, 'exit'))
    let last = String((await lab.kit.events.list({ limit: 1000 })).at(-1)!.position)
    // So much that it comes in several pages.
    const behind = Number(last)
    await expect.poll(() => lab.kit.events.list({ after: behind, limit: 70 }), { timeout: 40_000 }).toHaveLength(70)
    const seen: number[] = []
    const names = new Set<string>()
    for (let take = 1; names.size < 2 * count; take = (take % 9) + 1) {
      const { body } = await lab.call('GET', '/events', undefined, { 'last-event-id': last })
      let taken = 0
      for await (const { id, data } of readStream(body as Response)) {
        expect(data.position).toBe(Number(id))
        seen.push(data.position)
        if (data.type === 'group.created') names.add(data.data.name)
        taken += 1
        if (taken === take || names.size === 2 * count) break
      }
      // What was read and not taken is told again: it resumes from what it took.
      last = String(seen.at(-1))
    }
    expect((await Promise.all(exits)).map(([code]) => code)).toEqual([0, 0])
    const stored = (await lab.kit.events.list({ after: seen[0]! - 1, limit: 1000 })).map(({ position }) => position)
    expect(seen).toEqual(stored)
  })

  it('people are told of what they may see, from when they begin to listen', async () => {
    await using lab = await openMachineLab(await db.options())
    const streams = await Promise.all(
      [lab.ann, lab.bob].map(async (user) => {
        const { status, headers, body } = await lab.as(user)('GET', '/events')
        expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
          200,
          'text/event-stream; charset=utf-8',
          'no-store',
        ])
        return readStream(body as Response)
      }),
    )
    const [ours, theirs] = streams.map((stream) => stream.next())
    await new Promise((resolve) => setTimeout(resolve, 50))
    const { key } = (await lab.call('POST', '/virtualmachines', lab.machine('web'))).body
    const bobs = (await lab.kit.groups.find('team-b'))!.key
    await lab.kit.groups.update(bobs, { name: 'team-c' })
    expect((await ours)!.value).toMatchObject({ data: { type: 'machine.created', subject: `machine/${key}` } })
    expect((await theirs)!.value).toMatchObject({ data: { type: 'group.updated', subject: `group/${bobs}` } })
    const at = (await ours)!.value.data.at
    expect(Math.abs(at / 1e6 - Date.now())).toBeLessThan(60_000)
    for (const stream of streams) await stream.return(undefined)

    expect((await lab.as(undefined)('GET', '/events')).status).toBe(401)
    const wrong = [{ 'last-event-id': 'x' }, { 'last-event-id': '999999' }]
    for (const headers of wrong) expect((await lab.call('GET', '/events', undefined, headers)).status).toBe(400)
    expect((await lab.call('GET', '/events?after=-1')).status).toBe(400)
  })

  it('an operation is followed to its end, resumed without a gap, and then there is nothing more to come', async () => {
    await using lab = await openMachineLab(await db.options())
    const { call, network } = lab
    await call('POST', '/virtualmachines', lab.machine('web', { networks: [network] }))
    const { operation } = (await call('POST', '/virtualmachines/1/install', {})).body
    const path = `/operations/${operation}/events`
    const first: string[] = []
    let last = ''
    for await (const { id, data } of readStream((await call('GET', path)).body)) {
      first.push(data.type)
      last = id
      if (first.length === 3) break
    }
    expect(first.slice(0, 2).toSorted()).toEqual(['install.started', 'operation.accepted'])
    const rest: string[] = []
    for await (const { id, data } of readStream((await call('GET', path, undefined, { 'last-event-id': last })).body)) {
      rest.push(data.type)
      last = id
    }
    expect(rest.at(-1)).toBe('operation.succeeded')
    expect(new Set(rest)).toContain('install.progressed')
    const whole: string[] = []
    for await (const { data } of readStream((await call('GET', path)).body)) whole.push(data.type)
    expect([...first, ...rest]).toEqual(whole)
    expect((await call('GET', path, undefined, { 'last-event-id': last })).status).toBe(204)
    expect((await lab.as(lab.bob)('GET', path)).status).toBe(404)
  })

  it('operations are listed, read with their steps, and cancelled', async () => {
    await using lab = await openMachineLab(await db.options())
    const { call, group, cluster } = lab
    const key = await lab.deploy('web')
    const subject = `machine/${key}`
    const [install] = (await call('GET', `/operations?subject=${encodeURIComponent(subject)}&ended=true&limit=1`)).body
    expect(install).toEqual({
      id: expect.any(String),
      kind: 'install-machine',
      subject,
      state: 'succeeded',
      percent: 100,
      trace: expect.any(String),
      owner: group,
      clusterkey: cluster,
      creationdate: expect.any(Number),
      enddate: expect.any(Number),
    })
    expect((await call('GET', `/operations/${install.id}`)).body).toEqual(install)
    const steps = (await call('GET', `/operations/${install.id}/steps`)).body
    expect(steps.length).toBeGreaterThan(3)
    expect(steps[0]).toMatchObject({ result: 'done', attempts: 1, startdate: expect.any(Number) })
    expect((await call('GET', '/operations?ended=false')).body).toEqual([])

    lab.simulator.faults.add({ method: 'power.off', kind: 'hang', times: 1 })
    const headers = { prefer: 'respond-async' }
    const { operation } = (await call('POST', `/virtualmachines/${key}/poweroff`, undefined, headers)).body
    expect((await call('POST', `/operations/${operation}/cancel`)).status).toBe(200)
    await lab.kit.operations.wait(operation)
    expect((await call('GET', `/operations/${operation}`)).body).toMatchObject({
      state: 'cancelled',
      error: { code: 'CANCELLED', errors: ['The operation was cancelled on request.'] },
    })
    const bob = lab.as(lab.bob)
    expect((await bob('GET', '/operations')).body).toEqual([])
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/steps'],
      ['POST', '/cancel'],
    ] as const)
      expect((await bob(method, `/operations/${operation}${path}`)).status).toBe(404)
  })

  it('streams end when the server closes', async () => {
    const lab = await openMachineLab(await db.options())
    const request = new Request('http://lab/rest/v1/events', { headers: { authorization: basic(lab.ann) } })
    const response = await lab.rest.fetch(request)
    const ended = readStream(response).next()
    await lab[Symbol.asyncDispose]()
    expect((await ended).done).toBe(true)
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createVirtkit } from '@virtkit/core'
import { simulated } from '@virtkit/driver-simulated'
import { createRestServer } from '@virtkit/rest'
import { createClient } from '@virtkit/rest/client'
import { expect, it } from 'vitest'
import { fakeHost } from '../../../test/run-command.ts'
import { createOutput } from '../../output/output.ts'
import { followLogs } from './follow-logs.ts'

it('streams that end again and again are one: no line is missing, and none comes twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'virtkit-follow-'))
  const kit = await createVirtkit({ database: { sqlite: ':memory:' }, drivers: [simulated], logs: { folder } })
  try {
    const actor = { kind: 'user', user: 1, name: 'anna', permissions: 'all', groups: 'all' } as const
    const rest = createRestServer(kit, { authenticate: () => actor, streams: { lifeMs: 150 } })
    let opened = 0
    const fetch = (request: Request): Promise<Response> => {
      opened += 1
      return rest.fetch(request)
    }
    const client = createClient({ url: 'http://lab', fetch })
    const host = fakeHost()
    const session = { client, host, output: createOutput(host, {}), isLocal: true, isHasty: false, say: () => {} }
    const counts: unknown[] = []
    const following = followLogs(session as never, { services: ['logcollector'] }, [], ({ fields }) => {
      counts.push(fields['count'])
      if (counts.length === 40) host.interrupt()
    })
    for (let count = 1; count <= 40; count += 1) {
      kit.log.write('logcollector', 'info', 'lines were dropped', { count })
      // Several in one millisecond now and then.
      if (count % 3 === 0) await sleep(70)
    }
    await following
    expect(counts).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
    expect(opened).toBeGreaterThan(1)
    await rest.close()
  } finally {
    await kit.close()
    await rm(folder, { recursive: true })
  }
})

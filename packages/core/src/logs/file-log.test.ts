import { type Clock, type VirtkitError, systemClock } from '@virtkit/spi'
import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AesKeyring } from '../access/aes-keyring.ts'
import type { UserActor } from '../access/actor.ts'
import { freshKey } from '../access/key-file.ts'
import { RoleAccess } from '../access/role-access.ts'
import { FileLog } from './file-log.ts'
import { FileLogs } from './file-logs.ts'
import { KnownSecrets } from './known-secrets.ts'
import type { LogFilter, LogLine } from './logs.ts'

describe('logs in files', () => {
  let folder: string
  let at: number
  let errors: VirtkitError[]
  const clock: Clock = { ...systemClock, now: () => at, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal) }
  const keyring = new AesKeyring([freshKey()])
  /** A process, so to speak. */
  const open = (more: { folder?: string; maxBytes?: number } = {}) => {
    const options = {
      folder,
      clock,
      secrets: new KnownSecrets(),
      onError: (error: VirtkitError) => errors.push(error),
      ...more,
    }
    const log = new FileLog(options)
    return { log, logs: new FileLogs(log, new RoleAccess(), keyring, clock, 'here') }
  }
  const counts = (lines: readonly LogLine[]): unknown[] => lines.map(({ fields }) => fields['count'])

  beforeEach(async () => {
    at = 1_700_000_000_000
    errors = []
    folder = join(await mkdtemp(join(tmpdir(), 'virtkit-logs-')), 'logs')
  })
  afterEach(() => rm(join(folder, '..'), { recursive: true }))

  it('lines of two processes come back in order of time, by service, level and time', async () => {
    const [a, b] = [open(), open()]
    a.log.write('core', 'info', 'event', { count: 1 })
    at += 10
    b.log.write('inventory', 'error', 'event', { count: 2 })
    at += 10
    a.log.write('inventory', 'info', 'event', { count: 3 })
    a.log.write('inventory', 'debug', 'event', { count: 4 })
    await b.log.flush()
    const found = async (filter: LogFilter): Promise<unknown[]> => counts((await a.logs.list(filter)).lines)
    expect(await found({})).toEqual([1, 2, 3])
    expect(await found({ services: ['inventory'] })).toEqual([2, 3])
    expect(await found({ levels: ['error'] })).toEqual([2])
    expect(await found({ from: at - 10, to: at - 1 })).toEqual([2])
    expect(await found({ limit: 2 })).toEqual([2, 3])
    expect(await a.logs.list({ limit: 1 })).toMatchObject({
      truncated: true,
      lines: [{ at, service: 'inventory', level: 'info' }],
    })
    expect(await a.logs.list({ limit: 3 })).toMatchObject({ truncated: false })
    expect((await stat(join(folder, (await readdir(folder))[0]!))).mode & 0o777).toBe(0o600)
  })

  it('a service logs from its level up', async () => {
    const { log, logs } = open()
    log.setLevels({ core: 'debug', inventory: 'critical' })
    log.write('core', 'debug', 'event', { count: 1 })
    log.write('inventory', 'error', 'event', { count: 2 })
    log.write('integrator', 'debug', 'event', { count: 3 })
    expect(counts((await logs.list()).lines)).toEqual([1])
  })

  it('keeps no more than it may, of all processes together, and the newest', async () => {
    const maxBytes = 256 * 1024
    const [a, b] = [open({ maxBytes }), open({ maxBytes })]
    for (let count = 1; count <= 6000; count += 1) {
      at += 1
      ;(count % 2 ? a : b).log.write('core', 'info', 'event', { count, error: 'x '.repeat(20) })
      if (count % 100 === 0) await Promise.all([a.log.flush(), b.log.flush()])
    }
    const names = await readdir(folder)
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
    const total = sizes.reduce((sum, size) => sum + size, 0)
    expect(total).toBeLessThanOrEqual(maxBytes * 1.2)
    expect(total).toBeGreaterThan(maxBytes / 2)
    const { lines } = await a.logs.list({ limit: 500 })
    expect(counts(lines)).toEqual(Array.from({ length: 500 }, (_, index) => 5501 + index))
  })

  it('half a line of a process that died is passed over', async () => {
    const { log, logs } = open()
    log.write('core', 'info', 'event', { count: 1 })
    await log.flush()
    const dead = join(folder, '1700000000000-deadbeef.log')
    await writeFile(dead, '{"at":1700000000001,"service":"core","level":"info","message":"event"}\n{"at":17000')
    await writeFile(join(folder, 'notes.txt'), 'of the host')
    expect((await logs.list()).lines.length).toBe(2)
  })

  it('follows what any process writes, across rotations, until it is told to end', async () => {
    const maxBytes = 256 * 1024
    const [reader, writer] = [open({ maxBytes }), open({ maxBytes })]
    writer.log.write('core', 'info', 'event', { count: 0 })
    await writer.log.flush()
    const ending = new AbortController()
    const seen: unknown[] = []
    const following = (async () => {
      for await (const { fields } of reader.logs.follow({}, { signal: ending.signal })) {
        seen.push(fields['count'])
        if (seen.length === 600) ending.abort()
      }
    })()
    await systemClock.sleep(20)
    for (let count = 1; count <= 600; count += 1) {
      at += 1
      writer.log.write('core', 'info', 'event', { count, error: 'x '.repeat(50) })
      if (count % 50 === 0) await writer.log.flush()
    }
    await following
    expect(seen).toEqual(Array.from({ length: 600 }, (_, index) => index + 1))
    expect((await readdir(folder)).length).toBeGreaterThan(3)
  })

  it('follows from a time on: first what there was, without a gap before what comes', async () => {
    const [reader, writer] = [open(), open()]
    for (const count of [1, 2, 3]) {
      at += 1000
      writer.log.write('core', 'info', 'event', { count })
    }
    await writer.log.flush()
    const ending = new AbortController()
    const seen: unknown[] = []
    for await (const line of reader.logs.follow({ from: at - 1000 }, { signal: ending.signal })) {
      seen.push(line.fields['count'])
      if (seen.length === 2) writer.log.write('core', 'info', 'event', { count: 4 })
      if (seen.length === 3) ending.abort()
    }
    expect(seen).toEqual([2, 3, 4])
    expect(() => open({ folder: undefined as never }).logs.follow()).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    )
  })

  it('a disk that fails disturbs nobody, is told of once, and lines come again when it works', async () => {
    await writeFile(folder, 'in the way')
    const { log, logs } = open()
    for (const count of [1, 2, 3]) {
      log.write('core', 'info', 'event', { count })
      await log.flush()
    }
    expect(errors.map(({ message }) => message)).toEqual([
      'Logs cannot be written (ENOTDIR); lines are lost until they can.',
    ])
    await rm(folder)
    log.write('core', 'info', 'event', { count: 4 })
    expect(counts((await logs.list()).lines)).toEqual([4])
  })

  it('what comes faster than the disk takes it is dropped, and counted', async () => {
    const { log, logs } = open()
    const error = 'x '.repeat(250)
    for (let count = 0; count < 8000; count += 1) log.write('core', 'info', 'event', { error })
    const { lines } = await logs.list({ services: ['logcollector'] })
    expect(lines).toMatchObject([
      { level: 'warning', message: 'lines were dropped', fields: { count: expect.any(Number) } },
    ])
    const { lines: kept } = await logs.list({ services: ['core'], limit: 10_000 })
    expect(kept.length + Number(lines[0]?.fields['count'])).toBe(8000)
  })

  it('only who may, and not what was never kept', async () => {
    const actor: UserActor = { kind: 'user', user: 1, name: 'ada', permissions: new Set(['settings:read']), groups: [] }
    await expect(open().logs.list({}, { actor })).rejects.toMatchObject({ details: { permission: 'logs:read' } })
    await expect(open().logs.list({ services: ['kernel' as never] })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    const silent = new FileLog({ clock, secrets: new KnownSecrets(), onError: () => {} })
    silent.write('core', 'error', 'event')
    await expect(new FileLogs(silent, new RoleAccess(), keyring, clock, '').list()).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    })
    await appendFile(join(folder, '..', 'x'), '')
    expect(await readdir(join(folder, '..'))).toEqual(['x'])
  })
})

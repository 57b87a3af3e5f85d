import { installPhases } from '@virtkit/spi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Machine } from '../machines/machines.ts'
import type { Network } from '../networks/networks.ts'
import { consoleTailOf, phasesOf, applyReport, hasReached, parseInstallInput, planOf, serveOf } from './install-rules.ts'

const run = (phase: Parameters<typeof serveOf>[0]['phase'], percent = 0, endedAt: number | null = null) => ({
  phase,
  percent,
  endedAt,
})

describe('the phases of a run', () => {
  it('last until the next that was told, whatever order they are read in', () => {
    const entered = [
      { phase: 'installing', startedAt: 700 },
      { phase: 'planned', startedAt: 100 },
      { phase: 'published', startedAt: 300 },
    ] as const
    expect(phasesOf(entered, null)).toEqual([
      { phase: 'planned', startedAt: 100, durationMs: 200 },
      { phase: 'published', startedAt: 300, durationMs: 400 },
      { phase: 'installing', startedAt: 700 },
    ])
    const failed = phasesOf([...entered, { phase: 'failed', startedAt: 690 }], 690)
    expect(failed.slice(-2)).toEqual([
      { phase: 'installing', startedAt: 700, durationMs: 0 },
      { phase: 'failed', startedAt: 690 },
    ])
  })
})

describe('what a console said last', () => {
  it('is kept as text, without secrets, and not without end', () => {
    expect(consoleTailOf(['\u001B[1mto\u001B[0mken', 'a token\u0007 b'], ['token'])).toEqual(['***', 'a *** b'])
    const long = consoleTailOf(
      Array.from({ length: 300 }, () => 'x'.repeat(9000)),
      [],
    )
    expect([long.length, long[0]?.length]).toEqual([100, 500])
  })
})

describe('what a guest reports', () => {
  it('moves a run forward and never back', () => {
    const report = fc.record({
      phase: fc.constantFrom(...installPhases),
      percent: fc.option(fc.integer({ min: -50, max: 500 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(report, { maxLength: 30 }), (reports) => {
        let state: Parameters<typeof applyReport>[0] = run('published')
        for (const each of reports) {
          const news = applyReport(
            state,
            each.percent === undefined ? { phase: each.phase } : { phase: each.phase, percent: each.percent },
          )
          if (!news) continue
          expect(hasReached(news, state.phase)).toBe(true)
          expect(news.percent).toBeGreaterThanOrEqual(state.percent)
          expect(news.percent).toBeLessThanOrEqual(100)
          state = { ...news, endedAt: null }
        }
      }),
    )
  })

  it('is no news when it is repeated, and none when the run has ended', () => {
    const once = applyReport(run('booted', 5), { phase: 'installing', percent: 30 })!
    expect(once).toMatchObject({ phase: 'installing', percent: 30 })
    expect(applyReport({ ...once, endedAt: null }, { phase: 'installing', percent: 30 })).toBeUndefined()
    expect(applyReport(run('installing', 30, 1), { phase: 'finishing' })).toBeUndefined()
    expect(applyReport(run('ready', 100), { phase: 'failed' })).toBeUndefined()
  })

  it('keeps the reason of a failure as one printable line', () => {
    const detail = `no\u0000 disk\nfound ${'x'.repeat(900)}`
    const news = applyReport(run('installing', 30), { phase: 'failed', detail })
    expect(news).toMatchObject({ phase: 'failed', percent: 30 })
    expect(news?.detail).toMatch(/^no disk found x+$/)
    expect(news?.detail).toHaveLength(500)
  })
})

it('a medium installs once: from finishing on, and after any end, it boots the disk', () => {
  expect(['planned', 'published', 'booted', 'installing'].map((phase) => serveOf(run(phase as 'planned')))).toEqual(
    Array.from({ length: 4 }, () => 'install'),
  )
  expect([
    serveOf(run('finishing')),
    serveOf(run('ready')),
    serveOf(run('failed')),
    serveOf(run('installing', 20, 5)),
  ]).toEqual(Array.from({ length: 4 }, () => 'boot-disk'))
})

describe('the input of an install', () => {
  it('names every field that is wrong', () => {
    const input = {
      locale: 'en_US; rm',
      keyboard: 'US',
      timezone: '../etc',
      passwordHash: 'hunter2',
      sshKeys: ['a\nb'],
      packages: ['a b'],
      x: 1,
    }
    try {
      parseInstallInput(input)
      expect.unreachable()
    } catch (error) {
      const fields = (error as { details: { problems: { field: string }[] } }).details.problems.map((each) => each.field)
      expect(fields.toSorted()).toEqual([
        'keyboard',
        'locale',
        'packages[0]',
        'passwordHash',
        'sshKeys[0]',
        'timezone',
        'x',
      ])
      expect(String(error)).not.toContain('hunter2')
    }
  })

  it('has defaults for everything', () => {
    expect(parseInstallInput({})).toMatchObject({
      locale: 'en_US.UTF-8',
      keyboard: 'us',
      timezone: 'Etc/UTC',
      packages: [],
    })
  })
})

describe('the plan', () => {
  const machine = {
    key: 1,
    name: 'Web-1',
    os: 'debian-12',
    firmware: 'bios',
    diskMiB: 10_240,
    networks: [
      {
        key: 4,
        machine: 1,
        network: 7,
        position: 0,
        ip: '10.20.0.10',
        mac: '52:54:00:00:00:01',
        domains: ['example.test'],
      },
    ],
  } as unknown as Machine
  const lan = {
    key: 7,
    cidr: '10.20.0.0/24',
    gateway: '10.20.0.1',
    dns: ['10.20.0.2'],
    isolated: false,
  } as unknown as Network
  const parameters = { ...parseInstallInput({}), passwordHash: '$6$x$y' }

  it('holds the address, prefix and gateway of the machine’s network', () => {
    const plan = planOf('run', machine, new Map([[7, lan]]), parameters)
    expect(plan).toMatchObject({ hostname: 'web-1', domain: 'example.test' })
    expect(plan.networks).toEqual([
      {
        mac: '52:54:00:00:00:01',
        static: { address: '10.20.0.10', prefix: 24, gateway: '10.20.0.1' },
        dns: ['10.20.0.2'],
        searchDomains: ['example.test'],
        isolated: false,
      },
    ])
    expect(JSON.stringify(plan)).not.toContain('$6$')
  })

  it('refuses a machine without a network card', () => {
    expect(() => planOf('run', { ...machine, networks: [] }, new Map(), parameters)).toThrow(
      /networks: Web-1 has no network card/,
    )
  })
})

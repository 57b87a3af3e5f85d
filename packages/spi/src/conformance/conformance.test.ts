import assert from 'node:assert/strict'
import * as nodeTest from 'node:test'
import * as vitest from 'vitest'
import { describe, expect, it } from 'vitest'
import type { Hypervisor } from '../driver/hypervisor.ts'
import { VirtkitError } from '../errors/virtkit-error.ts'
import { checkDriver } from './check-driver.ts'
import { renderReport } from './conformance-report.ts'
import { type TestRunner, describeDriver } from './describe-driver.ts'
import type { DriverCase, Need } from './driver-case.ts'
import type { DriverTarget } from './driver-target.ts'
import type { Lab } from './lab.ts'

const anyObject: DriverTarget['driver']['options'] = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
}

function stub(facets: Partial<Hypervisor> = {}, more: Partial<DriverTarget> = {}): DriverTarget & { open: () => number } {
  let open = 0
  const connect = async (): Promise<Hypervisor> => {
    open += 1
    const about = { product: 'Stub', version: '1' }
    const close = async (): Promise<void> => void (open -= 1)
    return { about, ...facets, [Symbol.asyncDispose]: close } as Hypervisor
  }
  return { driver: { spec: 1, name: 'stub', options: anyObject, connect }, options: {}, ...more, open: () => open }
}

function aCase(name: string, needs: readonly Need[], run: (lab: Lab) => Promise<void> = async () => {}): DriverCase {
  return { id: `test.${name.replaceAll(' ', '-')}`, name, needs, promise: `test: ${name}`, run }
}

const snapshots = {
  supports: { memory: true, quiesce: false, rename: false, updateHardware: false },
} as NonNullable<Hypervisor['snapshots']>

describe('checkDriver', () => {
  it('fails a driver that has nothing', async () => {
    const report = await checkDriver(stub())
    expect(report.ok).toBe(false)
    expect(report.failed).toBeGreaterThan(50)
  })

  it('fails a driver that cannot connect, and does not say so a hundred times', async () => {
    const target = stub()
    const connect = async (): Promise<never> => {
      throw new VirtkitError('HYPERVISOR_UNAVAILABLE', 'nobody is there', { details: {} })
    }
    const report = await checkDriver({ ...target, driver: { ...target.driver, connect } })
    expect(report.ok).toBe(false)
    expect(report.results).toHaveLength(1)
    expect(report.results[0]?.reason).toBe('HYPERVISOR_UNAVAILABLE: nobody is there')
    expect(report.product).toBeUndefined()
  })

  it('fails a run in which nothing was checked', async () => {
    const report = await checkDriver(stub(), { cases: [aCase('one', ['media']), aCase('two', ['watch'])] })
    expect(report).toMatchObject({ ok: false, passed: 0, failed: 0, notClaimed: 2 })
    expect(renderReport(report)).toContain('nothing was checked')
    expect((await checkDriver(stub(), { cases: [] })).ok).toBe(false)
  })

  it('says of every case how it ended, and why', async () => {
    const cases = [
      aCase('fine', []),
      aCase('broken', [], async () => assert.fail('one is\n  not two')),
      aCase('no facet', ['media']),
      aCase('no degree', ['snapshots', 'snapshots.quiesce']),
      aCase('too much', ['snapshots', 'not snapshots.memory']),
      aCase('degree', ['snapshots', 'snapshots.memory', 'not snapshots.rename']),
      aCase('no hook', ['hook disk']),
      aCase('nothing to look at', [], async (lab) => {
        throw lab.skipped('only one host')
      }),
    ]
    const told: string[] = []
    const target = stub({ snapshots })
    const report = await checkDriver(target, { cases, onResult: ({ name }) => void told.push(name) })
    expect(renderReport(report).split('\n')).toEqual([
      '✓ fine',
      '✗ broken   one is not two',
      '↓ no facet   no media facet',
      '↓ no degree   no quiesce for snapshots',
      '↓ too much   it claims memory for snapshots',
      '✓ degree',
      '↓ no hook   the target has no disk',
      '↓ nothing to look at   only one host',
      '',
      '2 passed · 3 not claimed · 2 not looked at · 1 failed',
    ])
    expect(told).toEqual(cases.map((each) => each.name))
    expect(report).toMatchObject({ driver: 'stub', spec: 1, product: { product: 'Stub', version: '1' }, ok: false })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    expect(target.open()).toBe(0)
  })

  it('cleans up after a case that fails, last opened first, and closes its sessions', async () => {
    const done: string[] = []
    const target = stub()
    const report = await checkDriver(target, {
      cases: [
        aCase('broken', [], async (lab) => {
          await lab.connect()
          lab.defer(async () => void done.push('first'))
          lab.defer(async () => void done.push('second'))
          throw new Error('half-way')
        }),
      ],
    })
    expect(done).toEqual(['second', 'first'])
    expect(target.open()).toBe(0)
    expect(report.results[0]?.reason).toBe('half-way')
  })

  it('fails a case whose leftovers cannot be taken away', async () => {
    const refusing = aCase('sticky', [], async (lab) => lab.defer(() => Promise.reject(new Error('it sticks'))))
    const report = await checkDriver(stub(), { cases: [refusing] })
    expect(report.results[0]?.reason).toContain('it sticks')
  })

  it('fails a case that never ends, and goes on with the next', async () => {
    const endless = aCase('endless', [], () => new Promise(() => {}))
    const report = await checkDriver(stub({}, { caseTimeoutMs: 5 }), { cases: [endless, aCase('next', [])] })
    expect(report.results.map((result) => result.status)).toEqual(['failed', 'passed'])
    expect(report.results[0]?.reason).toBe('did not end within 5 ms')
  })

  it('fails a case that saw a secret in an error, and does not repeat it', async () => {
    const target = stub({}, { secrets: ['hunter2'] })
    const leaking = (): Promise<never> =>
      Promise.reject(new VirtkitError('NOT_FOUND', 'no such user', { details: { what: 'user', id: 'hunter2' } }))
    const report = await checkDriver(target, {
      cases: [
        aCase('seen', [], async (lab) => void (await lab.rejects('NOT_FOUND', leaking()))),
        aCase('thrown', [], async () => assert.fail('the password hunter2 is wrong')),
      ],
    })
    expect(report.results[0]?.reason).toBe('the text of an error holds a secret')
    expect(report.results[1]?.reason).toBe('the password [secret] is wrong')
  })
})

describe('the lab', () => {
  it.each([
    ['a call that is answered', 'NOT_FOUND', () => Promise.resolve()],
    ['an error that is not ours', 'NOT_FOUND', () => Promise.reject(new Error('plain'))],
    ['another code', 'NOT_OURS', () => Promise.reject(notFoundWith('did-not-happen'))],
    ['a refusal that says it may have happened', 'NOT_FOUND', () => Promise.reject(notFoundWith('unknown'))],
  ] as const)('does not take %s for a refusal', async (_, code, run) => {
    const report = await checkDriver(stub(), {
      cases: [aCase('refusal', [], async (lab) => void (await lab.rejects(code, run())))],
    })
    expect(report.failed).toBe(1)
  })

  it('wants the field named that is wrong', async () => {
    const wrong = (): Promise<never> =>
      Promise.reject(
        new VirtkitError('INVALID_INPUT', 'cpus', { details: { problems: [{ field: 'cpus', problem: 'zero' }] } }),
      )
    const report = await checkDriver(stub(), {
      cases: [
        aCase('named', [], (lab) => lab.refuses(['x', 'cpus'], wrong())),
        aCase('other', [], (lab) => lab.refuses('memoryMiB', wrong())),
      ],
    })
    expect(report.results.map((result) => result.status)).toEqual(['passed', 'failed'])
  })

  it('does not wait for a call that does not end', async () => {
    const report = await checkDriver(stub(), {
      cases: [aCase('late', [], async (lab) => void (await lab.prompt('it', new Promise(() => {}), 5)))],
    })
    expect(report.results[0]?.reason).toBe('it did not end within 5 ms')
  })

  it('hands out names, keys and MAC addresses once', async () => {
    await checkDriver(stub(), {
      cases: [
        aCase('names', [], async ({ names }) => {
          const all = Array.from({ length: 500 }, () => [names.name('vm'), names.key(), names.mac()]).flat()
          expect(new Set(all).size).toBe(1500)
          expect(names.key()).toMatch(/^[A-Za-z0-9._:-]{1,80}$/)
        }),
      ],
    }).then((report) => expect(report.results[0]?.reason).toBeUndefined())
  })
})

describe('describeDriver', () => {
  it('declares one test per case in groups, skips with the reason, and fails with the promise', async () => {
    const broken = aCase('broken', [], async () => assert.fail('it is broken'))
    const { outcomes, runner } = recordingRunner()
    describeDriver(runner, stub(), [aCase('fine', []), aCase('not there', ['media']), broken])
    expect(await outcomes()).toEqual([
      'driver stub > test > fine: passed',
      'driver stub > test > not there: skipped: no media facet',
      'driver stub > test > broken: failed: it is broken\n  promise: test: broken\n  case: test.broken',
      'driver stub > checked at least one case: passed',
    ])
  })

  it('fails a run in which every case was skipped', async () => {
    const { outcomes, runner } = recordingRunner()
    describeDriver(runner, stub(), [aCase('not there', ['media'])])
    expect((await outcomes()).at(-1)).toBe(
      'driver stub > checked at least one case: failed: no case was executed: this run has proved nothing',
    )
  })

  it('takes the functions of vitest and of node:test as they are', () => {
    const runners: readonly TestRunner[] = [
      { describe: vitest.describe, it: vitest.it },
      { describe: nodeTest.describe, it: nodeTest.it },
    ]
    expect(runners).toHaveLength(2)
  })
})

function notFoundWith(outcome: 'did-not-happen' | 'unknown'): VirtkitError {
  return new VirtkitError('NOT_FOUND', 'gone', { details: { what: 'machine', id: '1' }, outcome })
}

/** Collects what is declared, then runs it in order. */
function recordingRunner(): { runner: TestRunner; outcomes: () => Promise<readonly string[]> } {
  const path: string[] = []
  const tests: { name: string; body: Parameters<TestRunner['it']>[2] }[] = []
  const runner: TestRunner = {
    describe(name, body) {
      path.push(name)
      body()
      path.pop()
    },
    it: (name, _options, body) => void tests.push({ name: [...path, name].join(' > '), body }),
  }
  const outcomes = async (): Promise<readonly string[]> => {
    const lines: string[] = []
    for (const { name, body } of tests) {
      let outcome = 'passed'
      try {
        await body({ skip: (reason) => void (outcome = `skipped: ${reason}`) })
      } catch (error) {
        outcome = `failed: ${error instanceof Error ? error.message : error}`
      }
      lines.push(`${name}: ${outcome}`)
    }
    return lines
  }
  return { runner, outcomes }
}

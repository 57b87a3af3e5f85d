import { describe, expect, it } from 'vitest'
import { createVirtualClock } from './virtual-clock.ts'

const minute = 60_000

describe('a virtual clock', () => {
  it('lets forty minutes pass in no time', async () => {
    const clock = createVirtualClock()
    const from = clock.now()
    const startedAt = performance.now()
    for (let i = 0; i < 40; i += 1) await clock.sleep(minute)
    expect(clock.now() - from).toBe(40 * minute)
    expect(performance.now() - startedAt).toBeLessThan(minute)
  })

  it('wakes sleepers by their time, and those of one time in the order of falling asleep', async () => {
    const clock = createVirtualClock()
    const woken: string[] = []
    const sleep = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms)
      woken.push(`${name} at ${clock.now() - begin}`)
    }
    const begin = clock.now()
    await Promise.all([sleep('late', 30), sleep('first', 10), sleep('second', 10), sleep('middle', 20)])
    expect(woken).toEqual(['first at 10', 'second at 10', 'middle at 20', 'late at 30'])
  })

  it('lets one sleeper do all it does before the next one wakes', async () => {
    const clock = createVirtualClock()
    const done: string[] = []
    const work = async (name: string): Promise<void> => {
      await clock.sleep(10)
      for (let i = 0; i < 3; i += 1) {
        await Promise.resolve()
        done.push(name)
      }
    }
    await Promise.all([work('a'), work('b')])
    expect(done.join('')).toBe('aaabbb')
  })

  it('does not move while real work is under way', async () => {
    const clock = createVirtualClock()
    let finish = (): void => undefined
    const work = clock.during(() => new Promise<void>((resolve) => (finish = resolve)))
    let slept = false
    const sleep = clock.sleep(10).then(() => (slept = true))
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(slept).toBe(false)
    finish()
    await Promise.all([work, sleep])
    expect(slept).toBe(true)
  })

  it('moves only by hand when told so', async () => {
    const clock = createVirtualClock({ startAt: 1000, auto: false })
    const woken: number[] = []
    const sleeps = [5, 10, 15].map((ms) => clock.sleep(ms).then(() => woken.push(clock.now())))
    await clock.advance(10)
    expect(woken).toEqual([1005, 1010])
    expect(clock.now()).toBe(1010)
    expect(clock.sleeping).toBe(1)
    clock.auto(true)
    await Promise.all(sleeps)
    expect(woken).toEqual([1005, 1010, 1015])
  })

  it('wakes, while advancing, those who fell asleep on the way', async () => {
    const clock = createVirtualClock({ startAt: 0, auto: false })
    const ticks: number[] = []
    const tick = (async () => {
      for (let i = 0; i < 3; i += 1) {
        await clock.sleep(10)
        ticks.push(clock.now())
      }
    })()
    await clock.advance(35)
    await tick
    expect(ticks).toEqual([10, 20, 30])
    expect(clock.now()).toBe(35)
  })

  it('rejects an aborted sleep with the reason of the abort, and forgets it', async () => {
    const clock = createVirtualClock({ auto: false })
    const abort = new AbortController()
    const sleep = clock.sleep(10, abort.signal)
    abort.abort(new Error('enough'))
    await expect(sleep).rejects.toThrow('enough')
    await expect(clock.sleep(10, abort.signal)).rejects.toThrow('enough')
    expect(clock.sleeping).toBe(0)
  })
})

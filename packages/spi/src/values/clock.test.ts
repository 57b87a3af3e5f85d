import { describe, expect, it, vi } from 'vitest'
import { systemClock } from './clock.ts'

describe('the system clock', () => {
  it('tells whole milliseconds', () => {
    expect(Number.isSafeInteger(systemClock.now())).toBe(true)
  })

  it('rejects with the reason of its signal, at once and without a timer left behind', async () => {
    vi.useFakeTimers()
    try {
      const abort = new AbortController()
      const sleeping = systemClock.sleep(60_000, abort.signal)
      expect(vi.getTimerCount()).toBe(1)
      abort.abort('enough')
      await expect(sleeping).rejects.toBe('enough')
      expect(vi.getTimerCount()).toBe(0)
      await expect(systemClock.sleep(60_000, AbortSignal.abort('before'))).rejects.toBe('before')
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('wakes when its time has come, and not before', async () => {
    vi.useFakeTimers()
    try {
      let awake = false
      void systemClock.sleep(1000, new AbortController().signal).then(() => (awake = true))
      await vi.advanceTimersByTimeAsync(999)
      expect(awake).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(awake).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it('does work as it is', async () => {
    expect(await systemClock.during(async () => 7)).toBe(7)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Progress } from './progress.ts'
import type { QuickstartEvent } from './quickstart-events.ts'

type Told = QuickstartEvent & { readonly event: 'progress' }
const phases = ['planned', 'published', 'booted', 'installing', 'finishing', 'ready'] as const

function listen(): { progress: Progress; told: Told[] } {
  const told: Told[] = []
  return { told, progress: new Progress((event) => event.event === 'progress' && told.push(event)) }
}

describe('progress', () => {
  it('never goes back, whatever comes late or twice, and tells nothing twice', () => {
    const news = fc.record(
      { phase: fc.constantFrom(...phases), percent: fc.integer({ min: -5, max: 120 }) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(news, { maxLength: 30 }), (all) => {
        const { progress, told } = listen()
        for (const each of all) progress.advance('web-1', each)
        for (const [index, now] of told.entries()) {
          const before = told[index - 1]
          expect(now.percent).toBeLessThanOrEqual(100)
          if (!before) continue
          expect(now.percent).toBeGreaterThanOrEqual(before.percent)
          expect(phases.indexOf(now.phase as 'ready')).toBeGreaterThanOrEqual(phases.indexOf(before.phase as 'ready'))
          expect([now.phase, now.percent]).not.toEqual([before.phase, before.percent])
        }
      }),
    )
  })

  it('is whole when the machine is ready', () => {
    const { progress, told } = listen()
    progress.advance('web-1', { phase: 'ready' })
    expect(told).toMatchObject([{ phase: 'ready', percent: 100 }])
  })

  it('a failed run stays failed until another begins, from zero', () => {
    const { progress, told } = listen()
    progress.advance('web-1', { phase: 'installing', percent: 40 })
    progress.advance('web-1', { phase: 'failed' })
    progress.advance('web-1', { phase: 'finishing', percent: 40 })
    progress.begin('web-1')
    expect(told.map(({ phase, percent }) => [phase, percent])).toEqual([
      ['installing', 40],
      ['failed', 40],
      ['planned', 0],
    ])
  })

  it('of one machine does not move another', () => {
    const { progress, told } = listen()
    progress.advance('web-1', { phase: 'installing', percent: 40 })
    progress.advance('web-2', { phase: 'booted', percent: 5 })
    expect(told[1]).toMatchObject({ machine: 'web-2', phase: 'booted', percent: 5 })
  })
})

import { type Hypervisor, VirtkitError, systemClock } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { SharedSession } from './shared-session.ts'

/** A session whose connect the test ends. */
function opening() {
  const { promise, resolve, reject } = Promise.withResolvers<Hypervisor>()
  const closed: string[] = []
  const hypervisor = { [Symbol.asyncDispose]: async () => void closed.push('closed') } as unknown as Hypervisor
  const seen = { failed: 0, signal: undefined as AbortSignal | undefined }
  const connect = (signal: AbortSignal): Promise<Hypervisor> => {
    seen.signal = signal
    return promise
  }
  const session = new SharedSession('f', connect, () => void (seen.failed += 1))
  return { session, hypervisor, closed, seen, succeed: () => resolve(hypervisor), fail: reject }
}
const never = new AbortController().signal

describe('SharedSession', () => {
  it('one who gives up does not disturb the others', async () => {
    const { session, hypervisor, seen, succeed } = opening()
    const impatient = new AbortController()
    const patient = session.join(never)
    const other = session.join(impatient.signal)
    impatient.abort()
    await expect(other).rejects.toMatchObject({ code: 'CANCELLED', outcome: 'did-not-happen' })
    succeed()
    expect(await patient).toBe(hypervisor)
    expect(seen).toMatchObject({ failed: 0, signal: { aborted: false } })
  })

  it('when the last one gives up, connecting is told to end, and what still comes is closed', async () => {
    const { session, closed, seen, succeed } = opening()
    const impatient = [new AbortController(), new AbortController()]
    const all = Promise.allSettled(impatient.map((each) => session.join(each.signal)))
    for (const each of impatient) each.abort()
    await all
    expect(seen.signal?.aborted).toBe(true)
    expect(session.fits('f')).toBe(false)
    succeed()
    await session.close(systemClock)
    expect(closed).toEqual(['closed'])
  })

  it('a failure is told to all who wait', async () => {
    const { session, seen, fail } = opening()
    const refusal = new VirtkitError('UNAUTHENTICATED', 'Wrong password.', { details: {} })
    const all = Promise.allSettled([session.join(never), session.join(never)])
    fail(refusal)
    expect((await all).map((each) => each.status === 'rejected' && each.reason)).toEqual([refusal, refusal])
    expect(seen.failed).toBeGreaterThan(0)
  })

  it('an open session outlives those who used it', async () => {
    const { session, hypervisor, closed, seen, succeed } = opening()
    succeed()
    const user = new AbortController()
    expect(await session.join(user.signal)).toBe(hypervisor)
    user.abort()
    expect(await session.join(never)).toBe(hypervisor)
    expect(session.is(hypervisor)).toBe(true)
    expect([closed, seen.failed]).toEqual([[], 0])
  })
})

import { describe, expect, it } from 'vitest'
import {
  attemptsFrom,
  beginningOf,
  bodyOf,
  nextAttemptAt,
  parseCallback,
  problemWithUrl,
  urlFor,
  whenOf,
  whens,
  withAttempt,
} from './callback-rules.ts'

const urls = { successUrl: 'https://example.com/ok', errorUrl: 'http://10.0.0.1:8080/bad?x=1' }

describe('parseCallback', () => {
  it('takes http and https', () => {
    expect(parseCallback(urls, problemWithUrl)).toEqual({ ...urls, notes: '' })
  })

  it.each([
    ['another protocol', 'ftp://example.com/', /http or https/],
    ['a file', 'file:///etc/passwd', /http or https/],
    ['no URL', 'example.com', /http or https/],
    ['a password', 'https://root:hunter2@example.com/', /must not carry/],
    ['a user', 'https://root@example.com/', /must not carry/],
    ['a long one', `https://example.com/${'x'.repeat(2000)}`, /at most 2000/],
    ['a broken line', 'https://example.com/\nx', /control characters/],
  ])('refuses %s, and does not repeat it', (_, startUrl, problem) => {
    const attempt = () => parseCallback({ ...urls, startUrl }, problemWithUrl)
    expect(attempt).toThrow(problem)
    expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }))
    expect(attempt).toThrow(/^startUrl:/)
  })
})

describe('a notice', () => {
  it('goes to the URL that is for it, or nowhere', () => {
    const callback = { ...urls, startUrl: null, deleteUrl: 'https://example.com/gone' }
    const goes = (['start', 'success', 'error', 'delete'] as const).map((when) => urlFor(callback, when))
    expect(goes).toEqual([undefined, urls.successUrl, urls.errorUrl, 'https://example.com/gone'])
  })

  it('says what happened, when, and to what', () => {
    const body = bodyOf({ id: 'e1', at: 0, when: 'success', subject: 'machine/12', data: { name: 'web-1' } })
    expect(JSON.parse(body)).toEqual({
      type: 'install.succeeded',
      timestamp: '1970-01-01T00:00:00.000Z',
      data: { subject: 'machine/12', name: 'web-1' },
    })
  })
})

it('a payload says what it was about, in its first words', () => {
  for (const when of whens) {
    const body = bodyOf({ id: 'e1', at: 0, when, subject: 'machine/12', data: { type: 'install.failed' } })
    expect(whenOf(body)).toBe(when)
    expect(body.startsWith(beginningOf(when))).toBe(true)
  }
})

it('the log of very many attempts keeps the newest', () => {
  let history = '[]'
  for (let at = 0; at < 40; at += 1) history = withAttempt(history, { at, problem: 'No.' })
  expect(attemptsFrom(withAttempt(history, { at: 40 })).at(-1)).toEqual({ at: 40 })
  expect(attemptsFrom(history)).toHaveLength(30)
  expect(attemptsFrom(history)[0]).toEqual({ at: 10, problem: 'No.' })
})

describe('nextAttemptAt', () => {
  it('waits longer each time, and gives up after some three days', () => {
    const times = Array.from({ length: 9 }, (_, index) => nextAttemptAt(index + 1, 0, 0) ?? Number.NaN)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBe(5000)
    const total = times.reduce((sum, each) => sum + each, 0)
    expect(total / 86_400_000).toBeGreaterThan(3)
    expect(nextAttemptAt(10, 0, 0)).toBeUndefined()
  })

  it('of what failed together, each comes back at a time of its own, and none earlier', () => {
    const times = [0, 0.5, 0.999].map((random) => nextAttemptAt(2, 1000, random))
    expect(times).toEqual([301_000, 331_000, 360_940])
  })
})

import { describe, expect, it } from 'vitest'
import { bodyOf, nextAttemptAt, parseCallback, urlFor } from './callback-rules.ts'

const urls = { successUrl: 'https://example.com/ok', errorUrl: 'http://10.0.0.1:8080/bad?x=1' }

describe('parseCallback', () => {
  it('takes http and https', () => {
    expect(parseCallback(urls)).toEqual({ ...urls, notes: '' })
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
    const attempt = () => parseCallback({ ...urls, startUrl })
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

describe('nextAttemptAt', () => {
  it('waits longer each time, and gives up after some three days', () => {
    const times = Array.from({ length: 9 }, (_, index) => nextAttemptAt(index + 1, 0) ?? Number.NaN)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBe(5000)
    const total = times.reduce((sum, each) => sum + each, 0)
    expect(total / 86_400_000).toBeGreaterThan(3)
    expect(nextAttemptAt(10, 0)).toBeUndefined()
  })
})

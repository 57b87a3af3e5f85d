import type { Notice, Severity } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { digestOf, mostNotices } from './digest-rules.ts'

const notice = (severity: Severity, title: string, text = ''): Notice => ({
  severity,
  title,
  text,
  subject: 'machine/1',
  at: 0,
})

describe('digestOf', () => {
  it('one notice is told as itself', () => {
    expect(digestOf([notice('error', 'It failed', 'No disk.')])).toEqual({
      severity: 'error',
      title: 'error: It failed',
      text: 'It failed\nNo disk.\nmachine/1, 1970-01-01T00:00:00.000Z',
    })
  })

  it('many are one message, with the highest severity, how many of each, and every one', () => {
    const digest = digestOf([notice('info', 'a'), notice('critical', 'b'), notice('info', 'c')])
    expect(digest).toMatchObject({ severity: 'critical', title: 'critical: 3 notices (1 critical, 2 info)' })
    expect(digest.text.match(/^\[\w+\] \w/gm)).toEqual(['[info] a', '[critical] b', '[info] c'])
  })

  it('of very many the oldest are told, and how many more there are', () => {
    const oldest = Array.from({ length: mostNotices }, (_, index) => notice('info', `n${index}`))
    const digest = digestOf(oldest, { info: 4999, error: 1 })
    expect(digest).toMatchObject({ severity: 'error', title: 'error: 5000 notices (1 error, 4999 info)' })
    expect(digest.text).toMatch(/And 4900 more, which are not listed here\.$/)
  })
})

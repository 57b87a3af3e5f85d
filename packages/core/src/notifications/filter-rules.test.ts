import type { NotificationChannel } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { parseFilter, severitiesFrom } from './filter-rules.ts'

const channels: readonly NotificationChannel[] = ['pager', 'mail'].map((type) => ({
  type,
  problemWith: (to) => (to.startsWith('+') ? undefined : 'must be a number like +43'),
  send: async () => {},
}))
const input = { type: 'pager', to: '+43', user: 1, severities: ['critical', 'info', 'critical'] }

it('a filter has each severity once, least first', () => {
  expect(parseFilter(input, channels)).toEqual({ ...input, severities: ['info', 'critical'] })
})

it.each([
  [{ type: 'fax' }, /^type: is no channel of this installation; it has pager, mail$/],
  [{ to: 'hunter2' }, /^to: must be a number like \+43$/],
  [{ to: '+1\r\nBcc' }, /^to: must not have control characters/],
  [{ severities: [] }, /^severities: must name at least one/],
  [{ severities: ['loud'] }, /^severities\[0\]: must be one of/],
  [{ user: 0 }, /^user: /],
  [{ extra: 1 }, /^extra: /],
])('refuses %j', (change, problem) => {
  expect(() => parseFilter({ ...input, ...change }, channels)).toThrow(problem)
})

it('stored severities that this version does not know count as not stored', () => {
  expect(severitiesFrom('["fatal","error"]')).toEqual(['error'])
  expect(severitiesFrom('{}')).toEqual([])
})

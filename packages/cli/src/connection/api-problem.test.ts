import { ApiError } from '@virtkit/rest/client'
import { isVirtkitError } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { renderError } from '../output/error-text.ts'
import { toCommandError } from './api-problem.ts'

const url = 'https://host/rest/v1'
const answer = (status: number, problem: object, headers = {}): unknown =>
  toCommandError(new ApiError(status, { errors: ['x'], ...problem }, new Headers(headers)), url)

it('an answer becomes the error that the service threw, its hint told once', () => {
  const blocking = [{ dimension: 'vm', limit: 1, used: 1, reserved: 0, asked: 1 }]
  const error = answer(409, {
    errors: ['The contingent of group 7 has no room. Ask for less.'],
    code: 'CONTINGENT_EXCEEDED',
    outcome: 'did-not-happen',
    details: { group: 7, blocking },
    hint: 'Ask for less.',
  })
  expect(renderError(error)).toBe(
    'CONTINGENT_EXCEEDED: the contingent of group 7 has no room.\n  vm      asked 1, used 1, limit 1\nNext: Ask for less.',
  )
  const lost = answer(502, { errors: ['No answer.'], code: 'HYPERVISOR_UNAVAILABLE', outcome: 'unknown', details: {} })
  expect(renderError(lost)).toMatch(/^HYPERVISOR_UNAVAILABLE: No answer\.\nNote: It may have happened/)
})

it('fields are called as the command line calls them, whatever the API calls them', () => {
  const wrong = answer(400, { errors: ['ram: is no size: write 4GB', 'name: is empty', 'what now'] })
  expect(renderError(wrong).split('\n').slice(1)).toEqual([
    '  --memory: is no size: write 4GB',
    '  name: is empty',
    '  request: what now',
  ])
})

it('a token that has ended says how to get a new one; a server that asks to wait, how long', () => {
  expect(renderError(answer(401, { errors: ['the token has expired'] }))).toBe(
    `UNAUTHENTICATED: The token has expired.\nNext: Log in: virtkit login ${url}`,
  )
  expect(renderError(answer(429, { errors: ['too much'] }, { 'retry-after': '7' }))).toBe(
    'virtkit: too much (HTTP 429).\nNext: Do it again after 7 seconds.',
  )
})

it('a proxy that answers in its place is not taken for it', () => {
  expect(renderError(answer(404, { errors: ['HTTP 404'] }))).toMatch(/is no API of Virtkit/)
  const odd = answer(500, { code: 'NOT_A_CODE', outcome: 'unknown', details: {} })
  expect(isVirtkitError(odd, 'INTERNAL')).toBe(true)
  const cut = toCommandError(
    new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }),
    url,
  )
  expect(renderError(cut)).toMatch(/cannot be reached \(ECONNRESET\)\.\nNote: It may have happened/)
  const tls = toCommandError(
    new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }) }),
    url,
  )
  expect(renderError(tls)).toMatch(/\nNext: Trust its authority: NODE_EXTRA_CA_CERTS/)
})

import { describe, expect, it } from 'vitest'
import { corsHeaders, preflightHeaders, refuseForeignPages } from './cross-origin.ts'

const portal = 'https://portal.example.com'
const request = (method: string, headers: Readonly<Record<string, string>> = {}) =>
  new Request('http://api.example.com/rest/v1/users', { method, headers })
const cors = { origins: [portal] }

describe('pages of other origins', () => {
  it('are told nothing unless the host says so', () => {
    expect(corsHeaders(request('GET', { origin: portal }), undefined)).toEqual({})
    expect(
      preflightHeaders(request('OPTIONS', { origin: portal, 'access-control-request-method': 'PUT' }), undefined, 'PUT'),
    ).toEqual({})
    expect(corsHeaders(request('GET', { origin: 'https://evil.example.com' }), cors)).toEqual({ vary: 'Origin' })
  })

  it('that are admitted may read answers, and send what the API reads', () => {
    expect(corsHeaders(request('GET', { origin: portal }), cors)).toMatchObject({
      vary: 'Origin',
      'access-control-allow-origin': portal,
    })
    const asked = request('OPTIONS', { origin: portal, 'access-control-request-method': 'PUT' })
    expect(preflightHeaders(asked, cors, 'GET, PUT')).toEqual({
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': expect.stringContaining('Idempotency-Key'),
      'access-control-max-age': '600',
    })
    expect(corsHeaders(request('GET', { origin: 'https://x.example' }), { origins: '*' })).toMatchObject({
      'access-control-allow-origin': '*',
    })
  })

  it.each([
    ['a form of a foreign page', { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }],
    ['a page beside ours', { origin: 'https://other.example.com', 'sec-fetch-site': 'same-site' }],
    ['a page that hides where it is from', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['an older browser', { origin: 'https://evil.example.com' }],
  ])('change nothing: %s', (_, headers) => {
    expect(() => refuseForeignPages(request('POST', headers), cors)).toThrow(expect.objectContaining({ status: 403 }))
    expect(() => refuseForeignPages(request('GET', headers), cors)).not.toThrow()
  })

  it.each([
    ['no browser', {}],
    ['our own page', { origin: 'https://api.example.com', 'sec-fetch-site': 'same-origin' }],
    ['our own page in an older browser', { origin: 'http://api.example.com' }],
    ['a person', { 'sec-fetch-site': 'none' }],
    ['an admitted page', { origin: portal, 'sec-fetch-site': 'cross-site' }],
  ])('are not %s', (_, headers) => {
    expect(() => refuseForeignPages(request('POST', headers), cors)).not.toThrow()
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { check, fromJson, fromPairs, parseForm } from './read-input.ts'

const schema = z.strictObject({
  name: z.string(),
  cpu: z.int().optional(),
  dhcp: z.boolean().optional(),
  users: z.array(z.int()).optional(),
  domains: z.array(z.string()).optional(),
})
const form = (text: string) => check(schema, fromPairs(parseForm(text), schema))
const json = (value: unknown) => check(schema, fromJson(value, schema))
const problemsOf = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    return (error as { errors: unknown }).errors
  }
}

describe('a form', () => {
  it.each([
    ['users[0]=1&users[1]=2', [1, 2]],
    ['users[1]=2&users[0]=1', [1, 2]],
    ['users[]=1&users[]=2', [1, 2]],
    ['users=1&users=2', [1, 2]],
    ['users%5B0%5D=1', [1]],
    ['users=7', [7]],
  ])('has the list of %s', (text, users) => {
    expect(form(`name=x&${text}`).users).toEqual(users)
  })

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('has a boolean for %s', (text, dhcp) => {
    expect(form(`name=x&dhcp=${text}`).dhcp).toBe(dhcp)
  })

  it('keeps a text that looks like a number a text', () => {
    expect(form('name=007').name).toBe('007')
    expect(form('name=1&domains=2').domains).toEqual(['2'])
  })

  it.each([
    ['', ['missing parameter: name']],
    ['name=x&name=y', ['name: is given 2 times']],
    ['name=x&users[0]=1&users[2]=2', ['users: has holes or the same place twice']],
    ['name=x&users[0]=1&users[0]=2', ['users: has holes or the same place twice']],
    ['name=x&users[9999]=1', ['users: has holes or the same place twice']],
    ['name=x&users[99999999]=1', ['unknown parameter: users[99999999]']],
    ['name=x&__proto__=1', ['unknown parameter: __proto__']],
    ['name=x&constructor[prototype]=1', ['unknown parameter: constructor[prototype]']],
    ['name=x&cpu=two&dhcp=maybe', [expect.stringMatching(/^cpu: /), expect.stringMatching(/^dhcp: /)]],
    ['name=x&cpu=1e99999', [expect.stringMatching(/^cpu: /)]],
    ['name=x&cpu=0x10', [expect.stringMatching(/^cpu: /)]],
    ['name=%zz', ['name=%zz: has broken percent-encoding']],
    ['name=%ff', ['name=%ff: has broken percent-encoding']],
    ['name=%c0%80', ['name=%c0%80: has broken percent-encoding']],
    ['name=a%00b', ['name: has NUL or half a character in it']],
    ['a%00=b&name=x', ['a\0: has NUL or half a character in it']],
  ])('%s is refused', (text, problems) => {
    expect(problemsOf(() => form(text))).toEqual(problems)
  })

  it('comes back as it was written', () => {
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' })))
    fc.assert(
      fc.property(pairs, (given) => {
        expect(parseForm(new URLSearchParams(given).toString())).toEqual(given)
      }),
    )
  })

  it('is read or refused, whatever comes', () => {
    const part = fc.oneof(
      fc.constantFrom('name', 'users', '[', ']', '[]', '0', '1', '=', '&', '%', '%5', '+', '__proto__'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const result = problemsOf(() => form(parts.join('')))
        expect(result).toBeTypeOf('object')
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })
})

describe('JSON', () => {
  it('means what a form means', () => {
    const value = fc.record(
      {
        name: fc.string(),
        cpu: fc.nat(),
        dhcp: fc.boolean(),
        users: fc.array(fc.nat(), { minLength: 1 }),
        domains: fc.array(fc.string(), { minLength: 1 }),
      },
      { requiredKeys: ['name'] },
    )
    fc.assert(
      fc.property(value, (given) => {
        const params = new URLSearchParams()
        for (const [name, each] of Object.entries(given)) for (const one of [each].flat()) params.append(name, String(one))
        expect(json(given)).toEqual(given)
        expect(problemsOf(() => form(params.toString()))).toEqual(problemsOf(() => json(given)))
      }),
    )
  })

  it('may have numbers and booleans as texts, and null for what is left out', () => {
    expect(json({ name: 'x', cpu: '2', dhcp: 1, users: ['1', 2], domains: null })).toEqual({
      name: 'x',
      cpu: 2,
      dhcp: true,
      users: [1, 2],
      domains: undefined,
    })
  })

  it.each([
    [{ name: 1 }, [expect.stringMatching(/^name: /)]],
    [{ name: null }, ['missing parameter: name']],
    [{ name: 'x', users: [1, null] }, [expect.stringMatching(/^users\[1\]: /)]],
    [{ name: 'x', users: { 0: 1 } }, [expect.stringMatching(/^users: /)]],
    [JSON.parse('{"name":"x","__proto__":{"cpu":1}}'), ['unknown parameter: __proto__']],
    [[], [expect.stringMatching(/^body: /)]],
    ['x', [expect.stringMatching(/^body: /)]],
    [null, [expect.stringMatching(/^body: /)]],
  ])('%j is refused', (value, problems) => {
    expect(problemsOf(() => json(value))).toEqual(problems)
  })
})

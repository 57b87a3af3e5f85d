import { expect, it } from 'vitest'
import { z } from 'zod'

import { defineOperation } from '../contract/operation.ts'
import { Page, linkToNext, pageOf, streamList } from './pages.ts'
import { check, fromPairs } from './read-input.ts'

const thing = z.object({
  key: z.int(),
  name: z.string().min(3),
  state: z.enum(['on', 'off']),
  spare: z.boolean(),
  notes: z.string().optional(),
  users: z.array(z.int()),
})
const list = defineOperation({
  method: 'GET',
  path: '/things',
  title: 'Read all things',
  permission: 'things:read',

  result: z.array(thing),
  origin: 'virtkit',
})
type Thing = z.infer<typeof thing>

const things: Thing[] = ['cup', 'Bowl', 'cup', 'spoon', 'fork', 'cup', 'knife'].map((name, index) => ({
  key: index + 1,
  name,
  state: index % 2 ? 'on' : 'off',
  spare: index > 4,
  users: [],
  ...(index % 3 === 0 && { notes: 'old' }),
}))
const queryOf = (search: string) => check(list.query, fromPairs(new URLSearchParams(search), list.query))
const ask = (search: string, items: readonly Thing[] = things) => {
  const page = pageOf(list, queryOf(search), items)
  const link = linkToNext(list, queryOf(search), page, new URL(`http://lab/rest/v1/things?${search}`))
  const next = link && /^<\/rest\/v1\/things\?(.*)>; rel="next"$/.exec(link)?.[1]
  return { keys: page.items.map(({ key }) => key), next }
}

it('without a word about pages a list is whole, and as it was', () => {
  expect(ask('')).toEqual({ keys: [1, 2, 3, 4, 5, 6, 7], next: undefined })
  const backwards = things.toReversed()
  expect(ask('', backwards).keys).toEqual([7, 6, 5, 4, 3, 2, 1])
})

it('fields are compared as they are printed, all that are named', () => {
  expect(ask('name=cup&state=off').keys).toEqual([1, 3])
  expect(ask('spare=true').keys).toEqual([6, 7])
  expect(ask('notes=old&limit=2')).toMatchObject({
    keys: [1, 4],
    next: expect.stringContaining('notes=old&limit=2&after='),
  })
  expect(() => queryOf('state=broken')).toThrow(/state/)
  expect(() => queryOf('users=1')).toThrow('unknown parameter: users')
})

it('pages follow each other in the order asked for; what is left out stands first', () => {
  for (const [sort, keys] of [
    ['', [1, 2, 3, 4, 5, 6, 7]],
    ['-key', [7, 6, 5, 4, 3, 2, 1]],
    ['name', [2, 1, 3, 6, 5, 7, 4]],
    ['name,-key', [2, 6, 3, 1, 5, 7, 4]],
    ['-spare,-name', [7, 6, 4, 5, 1, 3, 2]],
    ['notes', [2, 3, 5, 6, 1, 4, 7]],
  ] as const) {
    for (const limit of [1, 2, 3, 7]) {
      const seen: number[] = []
      let search: string | undefined = `${sort && `sort=${sort}&`}limit=${limit}`
      while (search !== undefined) {
        const page = ask(search)
        seen.push(...page.keys)
        search = page.next
      }
      expect([sort, limit, seen]).toEqual([sort, limit, keys])
    }
  }
})

it('what comes and goes between two pages makes nothing else be left out or told twice', () => {
  const { keys, next } = ask('sort=name&limit=3')
  expect(keys).toEqual([2, 1, 3])
  const later: Thing[] = [
    { key: 8, name: 'aaa', state: 'on', spare: false, users: [] },
    { key: 9, name: 'cup', state: 'on', spare: false, users: [] },
    ...things.filter(({ key }) => key !== 3),
  ]
  expect(ask(next!, later)).toMatchObject({ keys: [6, 9, 5] })
})

it('orders, sizes and cursors that are none are refused', () => {
  for (const search of ['sort=users', 'sort=name,', 'sort=--name', 'limit=0', 'limit=1001', 'limit=x'])
    expect(() => queryOf(search)).toThrow(search.split('=')[0])
  const { next } = ask('sort=name&limit=3')
  expect(() => ask(next!.replace('sort=name', 'sort=-name'))).toThrow('after: is of another list or order')
  for (const after of ['x', 'bnVsbA', Buffer.from('["key",{}]').toString('base64url')])
    expect(() => ask(`after=${after}`)).toThrow('after: is of another list or order')
})

it('a long list is one array however many pages it is read in, and a failure is never a shorter list', async () => {
  const read = async (last: Thing | undefined) =>
    new Page(things.slice(last?.key ?? 0, (last?.key ?? 0) + 3), (last?.key ?? 0) + 3 < 7)
  expect(await (await streamList(read)).json()).toEqual(things)
  expect(await (await streamList(async () => new Page([], false))).json()).toEqual([])
  const failing = streamList((last?: Thing) => (last ? Promise.reject(new Error('gone')) : read(last)))
  await expect((await failing).text()).rejects.toThrow('gone')
})

import { z } from 'zod'
import { listFields } from '../contract/lists.ts'
import type { OperationContract } from '../contract/operation.ts'
import { RequestError } from './error-answer.ts'

/** What a field of one item holds, as lists are sorted and filtered by it. */
type Value = string | number | boolean | null
type Item = Readonly<Record<string, unknown>>

export interface Order {
  readonly field: string
  readonly descending: boolean
}

export interface ListRequest {
  /** What is asked for, and behind it what tells any two items apart. */
  readonly orders: readonly Order[]
  readonly limit: number | undefined
  /** What the last item of the page before had in each field of `orders`. */
  readonly after: readonly Value[] | undefined
}

/** A part of a list that its handler has filtered, sorted and cut itself, as `readListRequest` tells it to. */
export class Page<T> {
  readonly items: readonly T[]
  /** There are more behind them. */
  readonly hasMore: boolean

  constructor(items: readonly T[], hasMore: boolean) {
    this.items = items
    this.hasMore = hasMore
  }
}

/** Order, page and limit of a list's query. Throws `RequestError` for a cursor that is not of this list and order. */
export function readListRequest(operation: OperationContract, query: unknown): ListRequest {
  const { sort = '', limit, after } = query as { sort?: string; limit?: number; after?: string }
  const orders = sort.split(',').flatMap((term): Order[] => {
    const descending = term.startsWith('-')
    return term === '' ? [] : [{ field: descending ? term.slice(1) : term, descending }]
  })
  for (const field of uniqueFields(operation))
    if (!orders.some((order) => order.field === field)) orders.push({ field, descending: false })
  return { orders, limit, after: after === undefined ? undefined : readCursor(after, orders) }
}

/**
 * The part of a whole list that the query asks for. Promises: by the fields' values alone, so that a page goes on where the one
 * before it ended, even where that item is gone; fields that are left out stand first.
 */
export function pageOf<T>(operation: OperationContract, query: unknown, items: readonly T[]): Page<T> {
  const { orders, limit, after } = readListRequest(operation, query)
  const asked = query as Readonly<Record<string, unknown>>
  const filters = (listFields(operation.query) ?? []).filter((name) => asked[name] !== undefined)
  const isAsked = asked['sort'] !== undefined || limit !== undefined || after !== undefined
  let found = items.filter((item) => filters.every((name) => (item as Item)[name] === asked[name]))
  if (!isAsked) return new Page(found, false)
  const positions = new Map(found.map((item) => [item, positionOf(item as Item, orders)]))
  if (after) found = found.filter((item) => comparePositions(positions.get(item)!, after, orders) > 0)
  found = found.toSorted((a, b) => comparePositions(positions.get(a)!, positions.get(b)!, orders))
  return new Page(found.slice(0, limit), limit !== undefined && found.length > limit)
}

/** `Link` to the page behind this one, when there is one (RFC 8288). */
export function linkToNext(
  operation: OperationContract,
  query: unknown,
  page: Page<unknown>,
  url: URL,
): string | undefined {
  const last = page.items.at(-1)
  if (!page.hasMore || last === undefined) return undefined
  const { orders } = readListRequest(operation, query)
  const next = new URL(url)
  next.searchParams.set('after', writeCursor(positionOf(last as Item, orders), orders))
  return `<${next.pathname}${next.search}>; rel="next"`
}

/**
 * A list of any length as one JSON array, read page by page while the reader takes it. The first page is read before this answers,
 * so that what is refused is refused with a status; a failure later on ends the body unfinished, which no reader takes for a list.
 */
export async function streamList<T>(
  read: (last: T | undefined) => Promise<Page<T>>,
  toWire: (item: T) => unknown = (item) => item,
): Promise<Response> {
  const body = ReadableStream.from(textOf(await read(undefined), read, toWire))
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}

async function* textOf<T>(
  first: Page<T>,
  read: (last: T) => Promise<Page<T>>,
  toWire: (item: T) => unknown,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  let page = first
  for (let start = '['; ; start = ',') {
    const { items, hasMore } = page
    yield encoder.encode(start + items.map((item) => JSON.stringify(toWire(item))).join(',') + (hasMore ? '' : ']'))
    if (!hasMore) return
    page = await read(items.at(-1)!)
  }
}

/** What tells any two items apart: a key, or else all that is known of them. */
function uniqueFields(operation: OperationContract): readonly string[] {
  const element = operation.result instanceof z.ZodArray ? operation.result.element : undefined
  const names = element instanceof z.ZodObject ? Object.keys(element.shape) : []
  const key = ['key', 'id'].find((name) => names.includes(name))
  return key === undefined ? (listFields(operation.query) ?? []) : [key]
}

const positionOf = (item: Item, orders: readonly Order[]): Value[] => orders.map(({ field }) => valueOf(item[field]))

function valueOf(value: unknown): Value {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

function comparePositions(a: readonly Value[], b: readonly Value[], orders: readonly Order[]): number {
  for (const [index, { descending }] of orders.entries()) {
    const order = compareValues(a[index] ?? null, b[index] ?? null)
    if (order !== 0) return descending ? -order : order
  }
  return 0
}

function compareValues(a: Value, b: Value): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return a < b ? -1 : 1
}

const orderText = (orders: readonly Order[]): string =>
  orders.map(({ field, descending }) => `${descending ? '-' : ''}${field}`).join(',')

function writeCursor(position: readonly Value[], orders: readonly Order[]): string {
  return Buffer.from(JSON.stringify([orderText(orders), ...position])).toString('base64url')
}

function readCursor(text: string, orders: readonly Order[]): readonly Value[] {
  const [order, ...position] = parseCursor(text)
  if (order === orderText(orders) && position.length === orders.length) return position
  throw new RequestError(400, ['after: is of another list or order; take it from the Link header of the page before'])
}

function parseCursor(text: string): readonly Value[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return Array.isArray(value) && value.every((each) => each === null || valueOf(each) === each) ? (value as Value[]) : []
  } catch {
    return []
  }
}

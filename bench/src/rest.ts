import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { BenchContext, Engine, Figure, Row } from './figure.ts'
import { type Side, measurePairs, quantile } from './pairs.ts'
import { HttpClients } from './rest/http-clients.ts'
import type { ServeBothInput, ServeBothOutput } from './rest/serve-both.ts'

/**
 * Requests per second of the API, and how long they take, beside a bare Hono handler that asks the same of the same kit: what it
 * costs to know who asks, to check what was sent, and to say it in the words of the wire. Server and clients are two processes.
 */
export const rest: Figure = {
  name: 'rest',
  async run(context) {
    const rows: Row[] = []
    for (const engine of context.engines) rows.push(...(await onEngine(context, engine)))
    return rows
  },
}

const pageSize = 100

async function onEngine(context: BenchContext, engine: Engine): Promise<Row[]> {
  await using database = await context.database(engine)
  const machines = context.quick ? 300 : 10_000
  await using server = await serveBoth({ database: database.location, machines, poolSize: context.poolSize })
  const { ours, bare, authorization, keys } = server.said
  const pages = await nextPages(`${ours}/virtualmachines?limit=${pageSize}`, authorization)
  const asked = {
    'one machine': (base: string, index: number) => `${base}/virtualmachines/${keys[(index * 7919) % keys.length]}`,
    // The same pages on both sides: ours by the cursors that it hands out.
    'a page of 100': (base: string, index: number) => {
      const page = (index * 37) % pages.length
      return base === ours
        ? pages[page]!
        : `${base}/virtualmachines?limit=${pageSize}&after=${keys[(page + 1) * pageSize - 1]}`
    },
  }
  const rows: Row[] = []
  for (const [name, url] of Object.entries(asked)) {
    for (const connections of context.quick ? [4] : [1, 64]) {
      const sides = [ours, bare].map((base) => side(base, url, connections, authorization, name))
      const [mine, limit] = sides as [HttpSide, HttpSide]
      const how = context.quick ? { rounds: 1, sliceMs: 100 } : { rounds: 40, sliceMs: 60, warmMs: 3_000 }
      const result = await measurePairs(mine, limit, how)
      const setting = `GET ${name}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`
      const row = { figure: 'rest', engine } as const
      rows.push({ ...row, setting, unit: '/s', ...result, target: { atLeast: 0.7, of: 'ratio' } })
      const [p99, bareP99] = [quantile(mine.took, 0.99), quantile(limit.took, 0.99)]
      rows.push({ ...row, setting: `${setting}, p99`, unit: 'ms', value: p99, limit: bareP99, ratio: p99 / bareP99 })
      context.report(`rest, ${engine}: ${setting}: ${result.ratio.toFixed(2)}`)
      for (const each of sides) each.close()
    }
  }
  return rows
}

/** Follows the links from page to page, and answers where each led. */
async function nextPages(first: string, authorization: string): Promise<readonly string[]> {
  const pages: string[] = []
  for (let url: string | undefined = first; url !== undefined;) {
    const answer: Response = await fetch(url, { headers: { authorization } })
    await answer.body?.cancel()
    const [, next] = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '') ?? []
    url = next && new URL(next, url).href
    if (url !== undefined) pages.push(url)
  }
  if (pages.length === 0) throw new Error(`${first} led to no other page`)
  return pages
}

interface HttpSide extends Side {
  /** How long each request took so far, in milliseconds. */
  readonly took: number[]
  close(): void
}

function side(
  base: string,
  url: (base: string, index: number) => string,
  connections: number,
  authorization: string,
  name: string,
): HttpSide {
  const clients = new HttpClients(connections, authorization)
  const took: number[] = []
  // Some tens of milliseconds: what slows the machine down for longer slows down both sides.
  const calls = connections * (name === 'one machine' ? 4 : 1) + 16
  let at = 0
  return {
    took,
    close: () => clients.close(),
    putBack: async () => {},
    burst: async () => {
      const from = (at += calls)
      const { ms, each } = await clients.ask(calls, (index) => url(base, from + index))
      took.push(...each)
      return { calls, ms }
    },
  }
}

async function serveBoth(input: ServeBothInput): Promise<AsyncDisposable & { readonly said: ServeBothOutput }> {
  const path = join(import.meta.dirname, 'rest', 'serve-both.ts')
  const child = spawn(process.execPath, [...process.execArgv, path, JSON.stringify(input)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  if (line.done === true) throw new Error('the servers ended without a word')
  return {
    said: JSON.parse(line.value) as ServeBothOutput,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await ended
    },
  }
}

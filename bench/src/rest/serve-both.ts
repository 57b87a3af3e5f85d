import type { Virtkit } from '@virtkit/core'
import { createRestServer } from '@virtkit/rest'
import { serveNode } from '@virtkit/rest/node'
import { Hono } from 'hono'
import type { DatabaseLocation } from '../bench-database.ts'
import { connect } from '../bare-connection.ts'
import { openKit } from '../open-kit.ts'
import { addMachines } from './some-machines.ts'

// The API and a bare Hono handler that asks the same of the same kit, each on a port of its own. It says where they are, and ends
// with its standard input.

/** What this program is told, as JSON in its one argument. */
export interface ServeBothInput {
  readonly database: DatabaseLocation
  readonly machines: number
  readonly poolSize: number
}

/** And what it says, as JSON on its one line. */
export interface ServeBothOutput {
  /** Without the path: both answer `/virtualmachines/:key` and `/virtualmachines?limit=&after=` below it. */
  readonly ours: string
  readonly bare: string
  readonly authorization: string
  readonly keys: readonly number[]
}

const input = JSON.parse(process.argv[2] ?? '') as ServeBothInput
await using connection = connect(input.database, input.poolSize)
await using kit = await openKit(connection)
const keys = await addMachines(kit, input.machines)
const user = { name: 'bench', password: 'a password of the bench' }
await kit.users.add({ ...user, permissionGroups: ['administrator'] })
await using rest = createRestServer(kit)
await using ours = await serveNode(rest)
await using bare = await serveNode(bareHandler(kit))
const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: user.name, client_secret: user.password })
const token = (await (await fetch(`${ours.url}/rest/v1/token`, { method: 'POST', body: form })).json()) as {
  access_token: string
}
const said: ServeBothOutput = {
  ours: `${ours.url}/rest/v1`,
  bare: bare.url,
  authorization: `Bearer ${token.access_token}`,
  keys,
}
process.stdout.write(`${JSON.stringify(said)}\n`)
process.stdin.resume()
await new Promise((resolve) => process.stdin.once('end', resolve))

/** As one would write it without us: no one is asked who they are, nothing is checked. Said with its length, as ours is. */
function bareHandler({ machines }: Virtkit): { fetch: (request: Request) => Promise<Response> } {
  const app = new Hono()
  const json = (value: unknown): Response => {
    const text = JSON.stringify(value)
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
    return new Response(text, { headers })
  }
  app.get('/virtualmachines/:key', async (context) => json(await machines.get(Number(context.req.param('key')))))
  app.get('/virtualmachines', async (context) => {
    const { limit, after } = context.req.query()
    return json(await machines.list({ limit: Number(limit), after: Number(after) }))
  })
  return { fetch: async (request) => app.fetch(request) }
}

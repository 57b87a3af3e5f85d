import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { createVirtkit } from '@virtkit/core'
import { simulated } from '@virtkit/driver-simulated'
import { createRestServer } from '@virtkit/rest'
import { Hono } from 'hono'

const kit = await createVirtkit({ database: { sqlite: ':memory:' }, drivers: [simulated] })
const password = process.env['ADMIN_PASSWORD'] ?? ''
await kit.users.add({ name: 'admin', password, permissionGroups: ['administrator'] })

const rest = createRestServer(kit, { base: '/vm/rest/v1' })
const app = new Hono()
// Hono speaks fetch: nothing is needed in between. Failed logins are counted by address.
app.all(`${rest.base}/*`, (context) => rest.fetch(context.req.raw, getConnInfo(context).remote))
app.get('/', (context) => context.text('the page of the host\n'))

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}${rest.base}`)
})
process.once('SIGTERM', async () => {
  server.close()
  await rest.close()
  await kit.close()
})

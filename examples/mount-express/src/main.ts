import type { AddressInfo } from 'node:net'
import { createVirtkit } from '@virtkit/core'
import { simulated } from '@virtkit/driver-simulated'
import { createRestServer } from '@virtkit/rest'
import { mountExpress } from '@virtkit/rest/express'
import express from 'express'

const kit = await createVirtkit({ database: { sqlite: ':memory:' }, drivers: [simulated] })
const password = process.env['ADMIN_PASSWORD'] ?? ''
await kit.users.add({ name: 'admin', password, permissionGroups: ['administrator'] })

const app = express()
app.use(express.json(), express.urlencoded({ extended: true })) // they have read the body before Virtkit sees it
// mount {
const rest = createRestServer(kit, { base: '/vm/rest/v1' })
app.use(mountExpress(rest))
// }
app.get('/', (_request, response) => void response.send('the page of the host\n'))

const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}${rest.base}`)
})
process.once('SIGTERM', async () => {
  server.close()
  await rest.close()
  await kit.close()
})

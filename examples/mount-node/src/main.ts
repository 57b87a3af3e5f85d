import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVirtkit } from '@virtkit/core'
import { simulated } from '@virtkit/driver-simulated'
import { createRestServer } from '@virtkit/rest'
import { mountNode } from '@virtkit/rest/node'

const kit = await createVirtkit({ database: { sqlite: ':memory:' }, drivers: [simulated] })
const password = process.env['ADMIN_PASSWORD'] ?? ''
await kit.users.add({ name: 'admin', password, permissionGroups: ['administrator'] })

const rest = createRestServer(kit, { base: '/vm/rest/v1' })
const virtkit = mountNode(rest)
const server = createServer((request, response) => {
  virtkit(request, response, () => response.end('the page of the host\n')) // whatever is not below /vm/rest/v1
})

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}${rest.base}`)
})
process.once('SIGTERM', async () => {
  server.close()
  await rest.close()
  await kit.close()
})

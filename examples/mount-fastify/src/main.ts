import { createVirtkit } from '@virtkit/core'
import { simulated } from '@virtkit/driver-simulated'
import { createRestServer } from '@virtkit/rest'
import { mountFastify } from '@virtkit/rest/fastify'
import fastify from 'fastify'

const kit = await createVirtkit({ database: { sqlite: ':memory:' }, drivers: [simulated] })

// The host knows who asks: its own keys, each for one of its people, who are users of the kit as well.
const robot = await kit.users.add({ name: 'robot', password: crypto.randomUUID(), permissionGroups: ['operator'] })
const people = new Map([[process.env['API_KEY'] ?? crypto.randomUUID(), robot.key]])

const rest = createRestServer(kit, {
  base: '/vm/rest/v1',
  authenticate: (request) => {
    const key = people.get(request.headers.get('x-api-key') ?? '')
    return key === undefined ? undefined : kit.users.actor(key)
  },
})
const app = fastify()
await app.register(mountFastify(rest))
app.get('/', async () => 'the page of the host\n')

console.log(`${await app.listen({ host: '127.0.0.1', port: 0 })}${rest.base}`)
process.once('SIGTERM', async () => {
  await app.close()
  await rest.close()
  await kit.close()
})

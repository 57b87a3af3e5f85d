import express from 'express'
import fastify from 'fastify'
import { expect, it } from 'vitest'
import { mountExpress } from '../../src/mounts/express.ts'
import { mountFastify } from '../../src/mounts/fastify.ts'
import { mountNest } from '../../src/mounts/nest.ts'
import { answering, listen } from './hosts.ts'

const rest = { ...answering(({ url }) => new Response(url)), base: '/rest/v1' }

it('a mount below a path that the server does not know of says what to do', async () => {
  const app = express()
  let said: unknown
  app.use('/vm', mountExpress(rest))
  const tell: express.ErrorRequestHandler = (error, _request, response, _next) => {
    said = error
    response.sendStatus(500)
  }
  app.use(tell)
  await using host = await listen(app)
  expect((await fetch(`${host.url}/vm/rest/v1/machines`)).status).toBe(500)
  const misplaced = { code: 'CONFLICT', hint: expect.stringContaining("createRestServer(kit, { base: '/vm/rest/v1' })") }
  expect(said).toMatchObject(misplaced)
  const other = fastify()
  await expect(other.register(mountFastify(rest), { prefix: '/vm' })).rejects.toMatchObject(misplaced)
  await other.close()
})

it('Express may take the beginning of the base off the path', async () => {
  const app = express()
  app.use('/vm', mountExpress({ ...rest, base: '/vm/rest/v1' }))
  await using host = await listen(app)
  const url = `${host.url}/vm/rest/v1/machines?a=1`
  expect(await (await fetch(url)).text()).toBe(url)
  expect((await fetch(`${host.url}/vm/other`)).status).toBe(404)
})

it('Nest on Fastify mounts as Fastify does', async () => {
  const instance = fastify()
  mountNest({ use: () => {}, getHttpAdapter: () => ({ getType: () => 'fastify', getInstance: () => instance }) }, rest)
  const url = `${await instance.listen({ host: '127.0.0.1', port: 0 })}/rest/v1/machines`
  expect(await (await fetch(url)).text()).toBe(url)
  await instance.close()
})

it('Nest on something else is refused', () => {
  const app = { use: () => {}, getHttpAdapter: () => ({ getType: () => 'uws', getInstance: () => ({}) }) }
  expect(() => mountNest(app, rest)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
})

import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'
import { once } from 'node:events'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mountExpress } from '../../src/mounts/express.ts'
import { mountFastify } from '../../src/mounts/fastify.ts'
import { mountKoa } from '../../src/mounts/koa.ts'
import type { Caller, Mountable } from '../../src/mounts/mountable.ts'
import { mountNode } from '../../src/mounts/node.ts'

/** A host's server, with us behind `/vm` and a page of its own at `/own`. */
export interface RunningHost extends AsyncDisposable {
  readonly url: string
}

/** Every framework that we mount into: that these lines compile is the proof that the real ones fit our slices. */
export const hosts: Readonly<Record<string, (rest: Mountable) => Promise<RunningHost>>> = {
  node: (rest) => {
    const mounted = mountNode(rest)
    return listen((request, response) => mounted(request, response, () => response.end('own')))
  },
  express: (rest) => {
    const app = express().set('trust proxy', 'loopback')
    app.use('/vm', mountExpress(rest))
    app.get('/own', (_request, response) => void response.send('own'))
    return listen(app)
  },
  koa: (rest) => {
    const app = new Koa({ proxy: true })
    app.silent = true
    app.use(mountKoa(rest))
    app.use((context) => void (context.body = 'own'))
    return listen(app.callback())
  },
  fastify: async (rest) => {
    const app = fastify({ forceCloseConnections: true, trustProxy: true })
    await app.register(mountFastify(rest), { prefix: '/vm' })
    app.get('/own', async () => 'own')
    return { url: await app.listen({ host: '127.0.0.1', port: 0 }), [Symbol.asyncDispose]: () => app.close() }
  },
}

export async function listen(listener: RequestListener): Promise<RunningHost> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** A server at `/vm` that answers by what a test says. */
export function answering(fetch: (request: Request, caller?: Caller) => Response | Promise<Response>): Mountable {
  return { fetch: async (request, caller) => fetch(request, caller), base: '/vm' }
}

import { VirtkitError } from '@virtkit/spi'
import { type FastifyPlugin, mountFastify } from './fastify.ts'
import type { Mountable } from './mountable.ts'
import { createNodeHandler } from './node-handler.ts'

export type { Caller, Mountable } from './mountable.ts'

/** The slice of a Nest application that is used. */
export interface NestApplication {
  use(...middleware: unknown[]): unknown
  getHttpAdapter(): { getType?(): string; getInstance(): unknown }
}

/**
 * Puts the API into an application of Nest, on Express or on Fastify, before it listens. Nest's guards and pipes are for its own
 * controllers and see nothing of it. Throws `UNSUPPORTED` for another platform.
 *
 * @example
 * ```ts
 * const app = await NestFactory.create(AppModule)
 * mountNest(app, createRestServer(kit, { base: '/vm/rest/v1' }))
 * ```
 */
export function mountNest(app: NestApplication, rest: Mountable): void {
  const adapter = app.getHttpAdapter()
  const platform = adapter.getType?.() ?? 'unknown'
  if (platform === 'express') app.use(createNodeHandler(rest))
  else if (platform === 'fastify') (adapter.getInstance() as FastifyLike).register(mountFastify(rest))
  else {
    throw new VirtkitError('UNSUPPORTED', `Nest runs on ${platform} here, which Virtkit has no mount for.`, {
      details: { feature: `Nest on ${platform}` },
      hint: 'Use @nestjs/platform-express or @nestjs/platform-fastify.',
    })
  }
}

interface FastifyLike {
  register(plugin: FastifyPlugin): unknown
}

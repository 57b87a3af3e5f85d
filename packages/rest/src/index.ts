/** The HTTP face: mount `createRestServer(kit).fetch` where you take requests. */
export { type Caller, type RestOptions, type RestServer, createRestServer } from './server/rest-server.ts'
export type { CorsOptions } from './server/cross-origin.ts'
export type { RateLimit } from './server/rate-limit.ts'

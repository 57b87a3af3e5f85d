/** The HTTP face: mount `createRestServer(kit).fetch` where you take requests. */
export { type RestOptions, type RestServer, createRestServer } from './server/rest-server.ts'

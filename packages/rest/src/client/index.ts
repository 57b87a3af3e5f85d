/** The typed client: fetch and the contract, nothing of Node. */
export { ApiError } from './api-error.ts'
export type { CallOptions, Client, InputOf, OutputOf } from './client-types.ts'
export { type ClientOptions, createClient } from './create-client.ts'

import { callbacks } from './resources/callbacks.ts'

/** Every resource, every operation. */
export const contract = {
  callbacks,
}

export type Contract = typeof contract

/** Where the original has its API. */
export const base = '/rest/v1'

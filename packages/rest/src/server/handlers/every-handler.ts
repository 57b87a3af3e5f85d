import type { Contract } from '../../contract/contract.ts'
import type { Handlers } from '../handler.ts'
import { callbackHandlers } from './callbacks.ts'

/** A handler for every operation of the contract: one that is missing does not compile. */
export const handlers: { readonly [Name in keyof Contract]: Handlers<Contract[Name]> } = {
  callbacks: callbackHandlers,
}

import { z } from 'zod'
import { key } from './values.ts'

// What is done to a hypervisor may take longer than a request should. Such a change answers 200 when it is done, and 202 when it
// goes on: then `Location` and `Operation-Id` say which operation to ask.

const operation = z
  .string()
  .optional()
  .meta({ description: 'id of the operation that does it: `/operations/:id` tells how far it is' })

/** Beside a documented answer: what says that it goes on. */
export const goingOn = {
  statuscode: z.int().optional().meta({ description: '202: it goes on as an operation; otherwise it is done' }),
  operation,
}

/** The documented `msg` and `statuscode`. */
export const doneOrGoingOn = z.object({
  msg: z.string(),
  statuscode: z.int().meta({ description: '200: it is done; 202: it goes on as an operation' }),
  operation,
})

/** What a change answers with 202 that answers its resource when it is done. */
export const accepted = z.object({ msg: z.string(), statuscode: z.int(), operation: z.string(), key: key.optional() })

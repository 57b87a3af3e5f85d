import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { count, key, text, timestamp } from '../values.ts'

const byId = z.strictObject({ id: text(64).min(1, 'is empty') })

export const operationState = z.enum(['pending', 'running', 'undoing', 'succeeded', 'failed', 'cancelled'])

const operation = z.object({
  id: z.string(),
  kind: z.string().meta({ examples: ['install-machine', 'delete-machine'] }),
  subject: z.string().meta({ description: 'what it is about', examples: ['machine/12'] }),
  state: operationState.meta({ description: 'undoing: it failed or was cancelled, and takes back what it did' }),
  step: z.string().optional().meta({ description: 'that is next or under way' }),
  percent: z.int(),
  text: z.string().optional().meta({ description: 'for people' }),
  error: z
    .object({
      code: z.string(),
      errors: z.array(z.string()),
      outcome: z.enum(['did-not-happen', 'unknown']),
    })
    .optional()
    .meta({ description: 'why it failed, or is being undone' }),
  trace: z.string().meta({ description: 'W3C traceparent' }),
  owner: key.optional().meta({ description: 'the user group whose it is' }),
  clusterkey: key.optional(),
  creationdate: timestamp,
  enddate: timestamp.optional(),
})

/** Durable units of work: each reaches an end, whatever dies on the way. */
export const operations = {
  list: defineOperation({
    method: 'GET',
    path: '/operations',
    title: 'Read operations, newest first',
    permission: 'operations:read',
    query: z.strictObject({
      subject: text(100).optional(),
      ended: z.boolean().optional(),
      limit: count.min(1).max(1000).optional().meta({ description: 'default: 100' }),
    }),
    result: z.array(operation),
    origin: 'virtkit',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/operations/:id',
    title: 'Read an operation',
    permission: 'operations:read',
    params: byId,
    result: operation,
    origin: 'virtkit',
  }),
  steps: defineOperation({
    method: 'GET',
    path: '/operations/:id/steps',
    title: 'Read what an operation did, step by step',
    permission: 'operations:read',
    params: byId,
    result: z.array(
      z.object({
        name: z.string(),
        result: z.enum(['done', 'undone', 'undo-failed']),
        attempts: z.int(),
        startdate: timestamp,
        enddate: timestamp,
      }),
    ),
    origin: 'virtkit',
  }),
  cancel: defineOperation({
    method: 'POST',
    path: '/operations/:id/cancel',
    title: 'Ask an operation to stop and to undo what it did',
    description: 'One that has ended, or is past the point where it can stop, is not changed: look at what comes back.',
    permission: 'operations:cancel',
    params: byId,
    result: operation,
    origin: 'virtkit',
  }),
}

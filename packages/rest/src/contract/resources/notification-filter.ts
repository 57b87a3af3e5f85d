import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { attempt, byKey, count, key, message, text, timestamp } from '../values.ts'

const severity = z.enum(['info', 'warning', 'error', 'critical'])

const fields = z.strictObject({
  type: text(40).min(1, 'is empty').meta({ description: 'a channel: mail, webhook, or one of the host' }),
  to: text(800).min(1, 'is empty').meta({ description: 'an address of that channel' }),
  userkey: key.meta({ description: 'who is told; what they may not see is kept from them' }),
  filter: z.array(severity).min(1, 'names none of info, warning, error, critical').max(20),
})

const filter = z.object({
  key,
  userkey: key,
  type: z.string(),
  to: z.string(),
  filter: z.array(severity),
})

const made = filter.extend({
  secret: z.string().optional().meta({ description: 'what webhooks are signed with; told here only' }),
})

const delivery = z.object({
  key,
  id: z.string().meta({ description: 'what receivers know the message by, the same in each attempt' }),
  type: z.string(),
  to: z.string(),
  severity,
  title: z.string(),
  state: z.enum(['due', 'delivered', 'refused', 'dead']),
  attempts: count,
  history: z.array(attempt),
  problem: z.string().meta({ description: 'why the last attempt failed, or empty' }),
  created: timestamp,
  due: timestamp.optional(),
  ended: timestamp.optional(),
})

/** Who is told of what, and how. */
export const notificationFilter = {
  create: defineOperation({
    method: 'POST',
    path: '/notificationfilter',
    title: 'Create a notification filter',
    description: 'For others than oneself it takes `users:write` as well.',
    permission: 'notifications:write',
    body: fields,
    result: made,
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/notificationfilter',
    title: 'Read all notification filters',
    description: "One's own; with `users:read` everybody's.",
    permission: 'notifications:read',
    result: z.array(filter),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/notificationfilter/:key',
    title: 'Read a notification filter',
    permission: 'notifications:read',
    params: byKey,
    result: filter,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/notificationfilter/:key',
    title: 'Replace a notification filter',
    permission: 'notifications:write',
    params: byKey,
    body: fields,
    result: made,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/notificationfilter/:key',
    title: 'Delete a notification filter',
    permission: 'notifications:write',
    params: byKey,
    result: message,
    origin: 'original',
  }),
  deliveries: defineOperation({
    method: 'GET',
    path: '/notificationfilter/:key/deliveries',
    title: 'Read what was told, newest first',
    description: 'Of the last 30 days.',
    permission: 'notifications:read',
    params: byKey,
    query: z.strictObject({
      before: key.optional().meta({ description: 'the key of a delivery; older ones follow' }),
      limit: z.int().min(1).max(1000).optional(),
    }),
    result: z.array(delivery),
    origin: 'virtkit',
  }),
}

import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { count, text, timestamp } from '../values.ts'

/** What each message of a stream carries as its `data`, in JSON. Its `id`, to resume from, is the event's position. */
export const event = z.object({
  position: count,
  id: z.string().meta({ description: 'unique for ever' }),
  type: z.string().meta({ examples: ['machine.created'] }),
  subject: z.string().meta({ description: 'what it is about', examples: ['machine/12'] }),
  at: timestamp,
  data: z.record(z.string(), z.unknown()),
})

const position = z
  .int()
  .nonnegative()
  .optional()
  .meta({ description: 'the position after which it begins; the header `Last-Event-ID` goes before it' })

/**
 * Streams of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). They end after some minutes, for
 * rights to be looked at again; browsers resume by themselves, without a gap.
 */
export const events = {
  all: defineOperation({
    method: 'GET',
    path: '/events',
    title: 'Follow what happens',
    description: 'Of everything that the caller may see. It begins now, or after the position that is given.',
    permission: 'signed-in',
    query: z.strictObject({ after: position, subject: text(100).optional().meta({ description: 'only of this' }) }),
    result: 'stream',
    origin: 'virtkit',
  }),
  ofOperation: defineOperation({
    method: 'GET',
    path: '/operations/:id/events',
    title: 'Follow an operation until its end',
    description: 'From its beginning, or after the position that is given. 204: there is nothing more to come.',
    permission: 'operations:read',
    params: z.strictObject({ id: text(64).min(1, 'is empty') }),
    query: z.strictObject({ after: position }),
    result: 'stream',
    mayBeOver: true,
    origin: 'virtkit',
  }),
}

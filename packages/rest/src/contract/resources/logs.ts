import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { givenTimestamp, timestamp } from '../values.ts'
import { logLevel } from './setting.ts'

const service = z.enum(['core', 'inventory', 'integrator', 'configurator', 'ipxebuilder', 'logcollector', 'notification'])

/** What each message of `follow` carries as its `data`, in JSON. */
export const logLine = z.object({
  timestamp,
  service,
  level: logLevel,
  message: z.string(),
  process: z.string().meta({ description: 'which of several processes wrote it' }),
  fields: z.record(z.string(), z.unknown()).meta({ description: 'what the message is about' }),
})

/** What the services have logged. */
export const logs = {
  create: defineOperation({
    method: 'POST',
    path: '/logs',
    title: 'Read logs',
    description: 'The newest lines that fit, oldest first.',
    permission: 'logs:read',
    body: z.strictObject({
      services: z.array(service).optional().meta({ description: 'default: all' }),
      levels: z.array(logLevel).optional().meta({ description: 'exactly these; default: all' }),
      starttime: givenTimestamp.optional(),
      endtime: givenTimestamp.optional(),
      pseudonymization: z.boolean().default(false).meta({
        description: 'names, host names, IP and MAC addresses appear as pseudonyms; the same stands for the same',
      }),
      limit: z.int().min(1).max(10_000).default(1000),
    }),
    result: z.object({
      logs: z.array(logLine),
      truncated: z.boolean().meta({ description: 'there were more than the limit: older ones are missing' }),
    }),
    runs: 'again',
    origin: 'original',
  }),
  follow: defineOperation({
    method: 'GET',
    path: '/logs/follow',
    title: 'Follow the logs',
    description:
      'Server-sent events, one line each, as soon as any process has logged it. It begins now, at a time that is given, or at the ' +
      '`Last-Event-ID`, which is a millisecond: lines of that one may come again.',
    permission: 'logs:read',
    query: z.strictObject({
      services: z.array(service).optional().meta({ description: 'default: all' }),
      levels: z.array(logLevel).optional().meta({ description: 'exactly these; default: all' }),
      starttime: givenTimestamp.optional(),
      pseudonymization: z.boolean().default(false).meta({ description: 'as in `POST /logs`' }),
    }),
    result: 'stream',
    origin: 'virtkit',
  }),
}

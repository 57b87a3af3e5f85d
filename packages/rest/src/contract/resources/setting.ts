import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { duration, givenDuration, message, text } from '../values.ts'

export const logLevel = z.enum(['trace', 'debug', 'info', 'warning', 'error', 'critical'])

const levels = {
  loglevelcore: logLevel,
  loglevelconfigurator: logLevel,
  loglevelinventory: logLevel,
  loglevelintegrator: logLevel,
  loglevellogcollector: logLevel,
  loglevelnotification: logLevel,
  loglevelipxebuilder: logLevel,
}

const fields = z.strictObject({
  regexfilter: text(500).optional().meta({ description: 'datastores that `auto` may choose, as a regular expression' }),
  ignorefilter: z.array(text(200)).max(1000).optional().meta({ description: 'datastores that `auto` never chooses' }),
  installtimeout: givenDuration.optional().meta({ description: 'default 40m' }),
  deletiongrace: givenDuration
    .optional()
    .meta({ description: 'how long a deletion is tried before it is forced; default 7d' }),
  ...z.strictObject(levels).partial().shape,
})

const values = z.object({
  installtimeout: duration,
  regexfilter: z.string(),
  ignorefilter: z.array(z.string()),
  ...levels,
  deletiongrace: duration,
})

/** Settings of the installation. */
export const setting = {
  get: defineOperation({
    method: 'GET',
    path: '/setting',
    title: 'Read the settings',
    permission: 'settings:read',
    result: values,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/setting',
    title: 'Replace the settings',
    description: 'What is left out returns to its default.',
    permission: 'settings:write',
    body: fields,
    result: values,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/setting',
    title: 'Return the settings to their defaults',
    permission: 'settings:write',
    result: message,
    origin: 'original',
  }),
}

import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { message, text } from '../values.ts'

const security = z.enum(['auto', 'tls', 'starttls', 'none'])

const fields = z.strictObject({
  mailserver: text(253).optional().meta({ description: 'host name or address; without it no mail is sent' }),
  mailport: z.int().min(1).max(65_535).optional().meta({ description: 'default 465' }),
  username: text(320).optional(),
  password: text(1000).optional().meta({
    description: 'kept encrypted, shown to nobody; stays when it is left out and server, port, security and user name stay',
  }),
  mailfrom: text(320).optional().meta({ description: 'the address that mail comes from' }),
  security: security.optional().meta({ description: 'default auto: TLS on port 465, otherwise STARTTLS' }),
})

const values = z.object({
  mailserver: z.string(),
  mailport: z.int(),
  username: z.string(),
  mailfrom: z.string(),
  security,
})

/** The mail server that notifications go through. */
export const settingNotification = {
  get: defineOperation({
    method: 'GET',
    path: '/setting/notification',
    title: 'Read the notification settings',
    permission: 'settings:read',
    result: values,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/setting/notification',
    title: 'Replace the notification settings',
    description: 'What is left out returns to its default.',
    permission: 'settings:write',
    body: fields,
    result: values,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/setting/notification',
    title: 'Return the notification settings to their defaults',
    permission: 'settings:write',
    result: message,
    origin: 'original',
  }),
}

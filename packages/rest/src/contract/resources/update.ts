import { z } from 'zod'
import { defineOperation } from '../operation.ts'

const status = z.object({
  currentversion: z.string(),
  availableversion: z.string().meta({ description: 'empty when it is not known' }),
  updateavailable: z.boolean(),
  scheduled: z.boolean(),
})

/** Newer versions, as the host tells of them. */
export const update = {
  get: defineOperation({
    method: 'GET',
    path: '/update',
    title: 'Read whether there is an update',
    permission: 'settings:read',
    result: status,
    origin: 'original',
  }),
  create: defineOperation({
    method: 'POST',
    path: '/update',
    title: 'Schedule the update that is available',
    description: 'The host is told and does what an update takes; nothing is downloaded here.',
    permission: 'settings:write',
    result: status,
    origin: 'original',
  }),
}

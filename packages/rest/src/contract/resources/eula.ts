import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { message } from '../values.ts'

/** The host's end user license agreement. */
export const eula = {
  get: defineOperation({
    method: 'GET',
    path: '/eula',
    title: 'Read the license agreement',
    description: 'Empty when the host has none.',
    permission: 'signed-in',
    result: z.object({ eulade: z.string(), eulaen: z.string() }),
    origin: 'original',
  }),
  accept: defineOperation({
    method: 'POST',
    path: '/eula/accept',
    title: 'Accept the license agreement',
    description: 'User and time are recorded, the first time of each text.',
    permission: 'signed-in',
    result: message,
    origin: 'original',
  }),
}

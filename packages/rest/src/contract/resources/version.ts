import { z } from 'zod'
import { defineOperation } from '../operation.ts'

export const version = {
  get: defineOperation({
    method: 'GET',
    path: '/version',
    title: 'Read the version that runs',
    permission: 'signed-in',
    result: z.object({ version: z.string().meta({ description: 'per Semantic Versioning' }) }),
    origin: 'original',
  }),
}

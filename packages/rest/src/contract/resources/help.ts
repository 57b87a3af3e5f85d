import { z } from 'zod'
import { defineOperation } from '../operation.ts'

const path = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  path: z.string().meta({ description: 'below the base, parameters as `:name`' }),
  title: z.string(),
  permission: z.string().meta({ description: 'what the caller must hold; `public` is nothing, `signed-in` any user' }),
})

/** What the API has, for people and for programs. */
export const help = {
  list: defineOperation({
    method: 'GET',
    path: '/',
    title: 'Read which paths there are',
    permission: 'public',
    query: z.strictObject({}),
    result: z.array(path),
    origin: 'original',
  }),
  openapi: defineOperation({
    method: 'GET',
    path: '/openapi.json',
    title: 'Read the OpenAPI document of this API',
    permission: 'public',
    result: z.looseObject({ openapi: z.string() }),
    origin: 'virtkit',
  }),
}

import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { byKey, count, key, printedSize } from '../values.ts'

const operatingSystem = z.object({
  key,
  id: z.string().meta({ description: 'what it is called in one word', examples: ['debian-12'] }),
  name: z.string(),
  minimumcpu: count,
  minimumram: printedSize,
  minimumdisc: printedSize,
  recommendedcpu: count,
  recommendedram: printedSize,
  recommendeddisc: printedSize,
})

/** What can be installed. */
export const operatingSystems = {
  list: defineOperation({
    method: 'GET',
    path: '/operatingsystems',
    title: 'Read all operating systems',
    permission: 'signed-in',
    result: z.array(operatingSystem),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/operatingsystems/:key',
    title: 'Read an operating system',
    permission: 'signed-in',
    params: byKey,
    result: operatingSystem,
    origin: 'original',
  }),
}

import { z } from 'zod'
import { count, key, printedSize } from '../values.ts'

const dimension = z.enum(['vm', 'cpu', 'ram', 'disc'])
const amount = z.union([z.int(), printedSize]).meta({ description: 'a number of vm and cpu, a size of ram and disc' })

/** What creating a virtual machine would do now. Nobody holds any of it. */
export const machinePlan = z.object({
  possible: z.boolean(),
  problems: z
    .array(z.object({ code: z.string(), errors: z.array(z.string()) }))
    .meta({ description: 'everything that create would refuse' }),
  networks: z
    .array(z.object({ netkey: key, ip: z.string().optional(), mac: z.string().optional() }))
    .meta({ description: 'the address that each card would get; none on a network with DHCP' }),
  contingent: z
    .object({
      fits: z.boolean(),
      blocking: z.array(z.object({ dimension, limit: amount, used: amount, reserved: amount, asked: amount })),
      free: z.object({ vm: z.int(), cpu: z.int(), ram: printedSize, disc: printedSize }).optional(),
    })
    .optional()
    .meta({ description: 'without `free`: there is no limit' }),
  license: z
    .object({ state: z.enum(['off', 'missing', 'expired', 'valid']), limit: count.optional(), used: count })
    .optional(),
  macrange: z
    .object({ from: z.string(), to: z.string() })
    .optional()
    .meta({ description: 'where MAC addresses that are not asked for come from' }),
})

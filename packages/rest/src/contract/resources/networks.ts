import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { byKey, duration, key, messageWithKey, name, text, timestamp } from '../values.ts'

const excluded = 'parts of the range that are not handed out, each a CIDR, `a-b` or one address'
const quarantine = 'nanoseconds that an address rests after it was given back'

const fields = z.strictObject({
  name: name.meta({ description: 'as the hypervisor calls it' }),
  cluster: key,
  dhcp: z.boolean().meta({ description: 'addresses come from a DHCP server; none are handed out here' }),
  cidr: text(260).default('').meta({ description: 'needed without DHCP: `10.20.0.0/24`' }),
  ipreservation: text(260)
    .default('')
    .meta({ description: 'where to hand out from, inside of cidr: CIDR or `a-b`; empty: everywhere' }),
  gateway: text(260).default(''),
  dns: text(1000).default('').meta({ description: 'servers, with commas between' }),
  zonedomain: text(260).default(''),
  nointernet: z.boolean().default(false),
  excluded: z.array(text(260)).max(256).default([]).meta({ description: excluded }),
  quarantine: duration.nonnegative().default(0).meta({ description: quarantine }),
})

const network = z.object({
  key,
  cluster: key,
  name: z.string(),
  cidr: z.string(),
  ipreservationcidr: z.string(),
  gateway: z.string(),
  zonedomain: z.string(),
  dns: z.string(),
  dhcp: z.boolean(),
  nointernet: z.boolean(),
  excluded: z.array(z.string()),
  quarantine: duration,
})

const address = z.object({
  ip: z.string(),
  owner: z.string().meta({ description: 'who has it; of one in quarantine, who had it last' }),
  state: z.enum(['used', 'held', 'quarantined']),
  expires: timestamp.optional().meta({ description: 'unix nanoseconds; when a hold or a quarantine ends' }),
})

/** Networks of clusters, and the addresses that are handed out from them. */
export const networks = {
  create: defineOperation({
    method: 'POST',
    path: '/networks',
    title: 'Create a network',
    permission: 'networks:write',
    body: fields,
    result: network,
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/networks',
    title: 'Read all networks',
    permission: 'networks:read',
    result: z.array(network),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/networks/:key',
    title: 'Read a network',
    permission: 'networks:read',
    params: byKey,
    result: network,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/networks/:key',
    title: 'Replace a network',
    description: 'A range is not shrunk under addresses in use.',
    permission: 'networks:write',
    params: byKey,
    body: fields,
    result: network,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/networks/:key',
    title: 'Delete a network',
    description: 'Refused while machines or profiles use it.',
    permission: 'networks:write',
    params: byKey,
    result: messageWithKey,
    origin: 'original',
  }),
  getFreeIp: defineOperation({
    method: 'GET',
    path: '/networks/:key/getfreeip',
    title: 'Predict the next free address of a network',
    description: 'Nobody holds it for you: creating a network card is what takes one.',
    permission: 'networks:read',
    params: byKey,
    result: z.object({ ip: z.string() }),
    origin: 'original',
  }),
  addresses: defineOperation({
    method: 'GET',
    path: '/networks/:key/addresses',
    title: 'Read the addresses of a network that are not free',
    permission: 'networks:read',
    params: byKey,
    result: z.array(address),
    origin: 'virtkit',
  }),
}

import { type Clock, type InputProblem, type VirtkitError, invalidInput, systemClock } from '@virtkit/spi'
import { z } from 'zod'
import { isVersion } from '../updates/version-rules.ts'
import { isAddressBlock } from './address-blocks.ts'
import type { BackupOptions, LogOptions, OperationOptions, TokenOptions, VirtkitOptions } from './options.ts'
import { parseWith } from './problems.ts'

/** The options with every default filled in. */
export interface ParsedOptions extends VirtkitOptions {
  readonly operations: Required<OperationOptions>
  readonly backup?: Required<BackupOptions>
  /** Left out: nothing is logged. */
  readonly logs?: Required<LogOptions>
  readonly tokens: Required<TokenOptions>
  readonly onError: (error: VirtkitError) => void
  readonly clock: Clock
  readonly random: () => number
}

const handle = z.custom<object>((value) => typeof value === 'object' && value !== null, 'must be an object')
const callable = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'must be a function')

const driver = z.looseObject({
  spec: z.literal(1, 'this version of Virtkit speaks driver contract 1'),
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower case letters, digits and dashes'),
  options: handle,
  connect: callable,
})

const channel = z.looseObject({
  type: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower case letters, digits and dashes')
    .refine((type) => type !== 'mail' && type !== 'webhook', 'is built in; choose another'),
  problemWith: callable,
  send: callable,
})

const authority = z.string().includes('-----BEGIN CERTIFICATE-----', 'must be a certificate as PEM')

const key = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be 1 to 32 letters, digits, dashes or underscores'),
  key: z.string().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64'),
})

const longestTokenMs = 30 * 24 * 60 * 60 * 1000

const fileWanted = "must be a file ('virtkit.db'), ':memory:' or an open better-sqlite3 database"
const limitWanted = 'must be a whole number from 1 to 10000, or a function that answers one'
const urlWanted = "must be a URL ('postgres://user@host/database') or an open pg Pool"

const schema = z.strictObject({
  database: z.union(
    [
      z.strictObject({ sqlite: z.union([z.string().min(1, fileWanted), handle], fileWanted) }),
      z.strictObject({
        postgres: z.union([z.string().regex(/^postgres(ql)?:\/\//, urlWanted), handle], urlWanted),
        maxConnections: z.int().min(2).max(1000).optional(),
      }),
    ],
    "must be { sqlite: 'file.db' } or { postgres: 'postgres://user@host/database' }",
  ),
  drivers: z.array(driver).min(1, 'name at least one driver'),
  installMedia: z.looseObject({ catalog: handle, open: callable }).optional(),
  catalog: z.looseObject({ list: callable, find: callable }).optional(),
  encryption: z
    .union([z.strictObject({ keys: z.array(key).min(1) }), z.strictObject({ keyFile: z.string().min(1) })], {
      error: 'must be { keyFile } or { keys: [{ id, key }] } with keys of 32 bytes in base64',
    })
    .optional(),
  licensing: z.strictObject({ publicKey: z.string().min(1) }).optional(),
  receivers: z
    .strictObject({
      allow: z.array(z.string().refine(isAddressBlock, "must be a network like '10.0.0.0/8' or 'fd00::/8'")).optional(),
      ca: authority.optional(),
      timeoutMs: z.int().min(100).max(120_000).optional(),
      resolve: callable.optional(),
    })
    .optional(),
  notifications: z
    .strictObject({
      channels: z.array(channel).optional(),
      digestMs: z
        .int()
        .min(0)
        .max(24 * 3_600_000)
        .optional(),
      mailTemplate: callable.optional(),
      mailCa: authority.optional(),
    })
    .optional(),
  eula: z.strictObject({ de: z.string().max(1_000_000), en: z.string().max(1_000_000) }).optional(),
  updates: z
    .looseObject({
      current: z.string().refine(isVersion, "must be a version like '1.4.0'").optional(),
      available: callable,
    })
    .optional(),
  tokens: z.strictObject({ lifetimeMs: z.int().min(1000).max(longestTokenMs).optional() }).optional(),
  operations: z
    .strictObject({
      work: z.boolean().optional(),
      concurrency: z.int().min(1).max(10_000).optional(),
      perCluster: z.union([z.int().min(1).max(10_000), callable], limitWanted).optional(),
      perGroup: z.union([z.int().min(1).max(10_000), callable], limitWanted).optional(),
      pollMs: z.int().min(10).max(60_000).optional(),
      leaseMs: z.int().min(1000).max(600_000).optional(),
    })
    .optional(),
  backup: z
    .strictObject({
      folder: z.string().min(1),
      keepDays: z.int().min(1).max(36_500).optional(),
      everyMs: z.int().min(1000).max(2_000_000_000).optional(),
    })
    .optional(),
  logs: z
    .union(
      [
        z.literal(false),
        z.strictObject({
          folder: z.string().min(1).optional(),
          maxBytes: z
            .int()
            .min(1024 ** 2)
            .max(1024 ** 4)
            .optional(),
        }),
      ],
      { error: 'must be { folder } or false' },
    )
    .optional(),
  eventSinks: z.array(z.looseObject({ name: z.string().min(1), deliver: callable })).optional(),
  onError: callable.optional(),
  modules: z.array(handle).optional(),
  clock: z.looseObject({ now: callable, steady: callable, sleep: callable, during: callable }).optional(),
  random: callable.optional(),
})

const day = 24 * 3600 * 1000

/** Checks what a host handed in. Throws `INVALID_INPUT` with every problem. */
export function parseOptions(input: VirtkitOptions): ParsedOptions {
  const words = { root: 'options', hint: 'See VirtkitOptions for what createVirtkit takes.' }
  parseWith(schema, input, words)
  const problems = twice(input)
  if (problems.length > 0) throw invalidInput(problems, words.hint)
  const { backup, logs: _, ...more } = input
  return {
    ...more,
    ...(backup && { backup: { folder: backup.folder, keepDays: backup.keepDays ?? 30, everyMs: backup.everyMs ?? day } }),
    ...logsOf(input),
    tokens: { lifetimeMs: input.tokens?.lifetimeMs ?? 60 * 60 * 1000 },
    operations: {
      work: input.operations?.work ?? true,
      concurrency: input.operations?.concurrency ?? 32,
      perCluster: input.operations?.perCluster ?? 16,
      perGroup: input.operations?.perGroup ?? Infinity,
      pollMs: input.operations?.pollMs ?? 1000,
      leaseMs: input.operations?.leaseMs ?? 8000,
    },
    onError: input.onError ?? ((error) => console.error(`virtkit: ${error.code}: ${error.message}`)),
    clock: input.clock ?? systemClock,
    random: input.random ?? Math.random,
  }
}

function logsOf({ logs, database }: VirtkitOptions): Pick<ParsedOptions, 'logs'> {
  if (logs === false) return {}
  const file = 'sqlite' in database && database.sqlite !== ':memory:' ? database.sqlite : undefined
  const folder = logs?.folder ?? (typeof file === 'string' ? `${file}.logs` : undefined)
  return folder === undefined ? {} : { logs: { folder, maxBytes: logs?.maxBytes ?? 64 * 1024 ** 2 } }
}

function twice(input: VirtkitOptions): InputProblem[] {
  const names = input.drivers.map((each) => each.name)
  const index = names.findIndex((name, position) => names.indexOf(name) !== position)
  const types = (input.notifications?.channels ?? []).map((each) => each.type)
  const second = types.findIndex((type, position) => types.indexOf(type) !== position)
  return [
    ...(index < 0 ? [] : [{ field: `drivers[${index}].name`, problem: `there are two drivers named ${names[index]}` }]),
    ...(second < 0
      ? []
      : [{ field: `notifications.channels[${second}].type`, problem: `there are two channels ${types[second]}` }]),
  ]
}

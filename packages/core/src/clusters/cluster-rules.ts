import { Secret } from '@virtkit/spi'
import { z } from 'zod'
import { keyField, keysField, nameField, textField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import type { ClusterChange, ClusterDefaultsInput } from './clusters.ts'

/** What a driver is given from the credentials; a cluster's own options have other names. */
export const credentialFields = ['url', 'username', 'password', 'insecure', 'http'] as const

export interface NewCredentials {
  readonly name: string
  readonly url: string
  readonly username: string
  readonly password: Secret
  readonly insecure: boolean
  readonly http: boolean
}

export interface ParsedCluster {
  readonly name: string
  readonly type: string
  readonly credentials: NewCredentials | number
  readonly defaults?: ClusterDefaultsInput | number
  readonly callbacks: readonly number[]
  readonly options: Readonly<Record<string, unknown>>
}

// A secret of another installed copy of the contract is one too.
const secret = z.custom<{ reveal(): string }>(
  (value) => typeof (value as { reveal?: unknown } | null)?.reveal === 'function',
  'must be a string or a Secret',
)

const credentials = z.strictObject({
  name: nameField.optional(),
  url: textField(2000).refine((url) => !hasPassword(url), 'must not carry a password: it belongs into `password`'),
  username: z.string().max(200).default(''),
  password: z
    .union([z.string().max(10_000), secret], 'must be a string or a Secret')
    .default('')
    .transform((value) => new Secret(typeof value === 'string' ? value : value.reveal())),
  insecure: z.boolean().default(false),
  http: z.boolean().default(false),
})
const credentialsChange = z.strictObject({
  name: nameField.optional(),
  url: credentials.shape.url.optional(),
  username: z.string().max(200).optional(),
  password: z
    .union([z.string().max(10_000), secret], 'must be a string or a Secret')
    .transform((value) => new Secret(typeof value === 'string' ? value : value.reveal()))
    .optional(),
  insecure: z.boolean().optional(),
  http: z.boolean().optional(),
})

const place = textField(200).optional()
const defaults = z.strictObject({ datacenter: place, resourcePool: place, host: place, datastore: place })

const options = z
  .custom<Readonly<Record<string, unknown>>>(isPlainJson, 'must be an object of plain JSON values, at most 64 KiB')
  .superRefine((given, context) => {
    for (const name of credentialFields) {
      if (!Object.hasOwn(given, name)) continue
      context.addIssue({ code: 'custom', path: [name], message: 'belongs into the credentials' })
    }
  })

const newCluster = z.strictObject({
  name: nameField,
  type: nameField,
  credentials: z.union([keyField, credentials], 'must be { url, username, password } or the key of stored ones'),
  defaults: z.union([keyField, defaults], 'must be { datacenter, … } or the key of stored ones').optional(),
  callbacks: keysField.default([]),
  options: options.default({}),
})
const clusterChange = z.strictObject({
  name: nameField.optional(),
  type: nameField.optional(),
  credentialsKey: keyField.optional(),
  defaultsKey: keyField.nullable().optional(),
  callbacks: keysField.optional(),
  options: options.optional(),
})

/** Credentials without a name get the cluster's. */
export function parseNewCluster(input: unknown): ParsedCluster {
  const cluster = parseWith(newCluster, input)
  if (typeof cluster.credentials === 'number') return { ...cluster, credentials: cluster.credentials }
  return { ...cluster, credentials: { ...cluster.credentials, name: cluster.credentials.name ?? cluster.name } }
}

export function parseClusterChange(input: unknown): ClusterChange {
  return parseWith(clusterChange, input)
}

/** Stored on their own, credentials need a name. */
export function parseNewCredentials(input: unknown): NewCredentials {
  return parseWith(credentials.required({ name: true }), input)
}

export function parseCredentialsChange(input: unknown): Partial<NewCredentials> {
  return parseWith(credentialsChange, input)
}

export function parseDefaults(input: unknown): ClusterDefaultsInput {
  return parseWith(defaults, input)
}

function hasPassword(url: string): boolean {
  return URL.canParse(url) && new URL(url).password !== ''
}

function isPlainJson(value: unknown): boolean {
  return isPlainObject(value) && isJson(value) && JSON.stringify(value).length <= 65_536
}

function isJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (depth > 20) return false
  if (Array.isArray(value)) return value.every((each) => isJson(each, depth + 1))
  return isPlainObject(value) && Object.values(value).every((each) => isJson(each, depth + 1))
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

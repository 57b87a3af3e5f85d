import { Secret, type SchemaIssue, type SchemaResult, type StandardSchema } from '@virtkit/spi'

/** What a cluster row of type `proxmox` holds. */
export interface ProxmoxOptions {
  /** `https://pve1.example.org:8006`, or the host name alone. */
  readonly url: string
  /** Other nodes of the cluster, asked when that one does not answer. */
  readonly fallbackUrls: readonly string[]
  /** `root@pam`, or for an API token `root@pam!name`. */
  readonly username: string
  /** The password, or the token's secret. */
  readonly password: Secret
  /** Do not verify TLS at all. */
  readonly insecure: boolean
  /** Plain HTTP, for what stands behind a proxy. */
  readonly http: boolean
  /** Certificate authorities to trust, as PEM; else the system's. */
  readonly ca?: string
  /** SHA-256 fingerprint of the certificate; then that certificate is trusted and no other. */
  readonly fingerprint?: string
  /** The node for what names none. Default: the one with the most memory free. */
  readonly node?: string
  /** The pool that machines are put into when they name none. */
  readonly pool?: string
  /** Machine ids are taken from here, both ends included. Default 10000 to 999999. */
  readonly idRange: { readonly from: number; readonly to: number }
  /** How long a single answer may take. Default 45000: a node gives up on another after 30000. */
  readonly timeoutMs: number
  /** How long a task may run. Default 3600000. */
  readonly taskTimeoutMs: number
  /** How long a machine that somebody else works on is waited for. Default 30000. */
  readonly lockWaitMs: number
  /** How long a create without an answer is looked for. Default 15000. */
  readonly settleMs: number
  /** How many machines are looked at side by side. Default 8. */
  readonly parallel: number
}

/** Checks options without any library; an unknown field is an error that names it. */
export const proxmoxOptions: StandardSchema<ProxmoxOptions> = {
  '~standard': { version: 1, vendor: 'virtkit', validate },
}

const known = [
  'url fallbackUrls username password insecure http ca fingerprint node pool idRange',
  'timeoutMs taskTimeoutMs lockWaitMs settleMs parallel',
].flatMap((line) => line.split(' '))

const numbers = { timeoutMs: 45_000, taskTimeoutMs: 3_600_000, lockWaitMs: 30_000, settleMs: 15_000, parallel: 8 } as const

type Given = Readonly<Record<string, unknown>>

function validate(value: unknown): SchemaResult<ProxmoxOptions> {
  if (typeof value !== 'object' || value === null) return { issues: [{ message: 'must be an object' }] }
  const given = value as Given
  const issues: SchemaIssue[] = []
  const wrong = (field: string, message: string): void => void issues.push({ message, path: [field] })
  for (const field of Object.keys(given)) {
    if (!known.includes(field)) wrong(field, `is not an option of this driver; known: ${known.join(', ')}`)
  }
  const text = (field: string, pattern: RegExp, hint: string): string | undefined => {
    const found = given[field]
    if (found === undefined) return undefined
    if (typeof found === 'string' && pattern.test(found)) return found
    wrong(field, hint)
    return undefined
  }
  const yes = (field: string): boolean => {
    const found = given[field] ?? false
    if (typeof found !== 'boolean') wrong(field, 'must be true or false')
    return found === true
  }
  const http = yes('http')
  const address = (field: string, found: unknown): string => {
    const url = typeof found === 'string' ? addressOf(found, http) : undefined
    if (url === undefined) wrong(field, "must be like 'https://pve1.example.org:8006', without a path or a password")
    return url ?? ''
  }
  const url = address('url', given['url'])
  const others = given['fallbackUrls'] ?? []
  if (!Array.isArray(others)) wrong('fallbackUrls', 'must be a list of addresses')
  const fallbackUrls = Array.isArray(others) ? others.map((each) => address('fallbackUrls', each)) : []
  const userHint = "must name a user with its realm ('root@pam'), or a token of it ('root@pam!name')"
  const username = text('username', /^[^\s:/!=]+@[A-Za-z][\w.-]+(?:![A-Za-z][\w.-]*)?$/, userHint) ?? ''
  if (given['username'] === undefined) wrong('username', userHint)
  const password = secretOf(given['password'])
  if (!password) wrong('password', "must be the user's password or the token's secret")
  const ca = text('ca', /-----BEGIN CERTIFICATE-----/, 'must be a certificate in PEM')
  const fingerprint = text('fingerprint', /^(?:[0-9a-f]{2}:?){32}$/i, 'must be a SHA-256 fingerprint: 32 pairs of digits')
  const node = text('node', /^[A-Za-z0-9][A-Za-z0-9-]*$/, 'must be the name of a node')
  const pool = text('pool', /^[\w.-]+(?:\/[\w.-]+){0,2}$/, 'must be the name of a pool')
  const waits = Object.fromEntries(
    Object.entries(numbers).map(([field, normal]) => {
      const found = given[field] ?? normal
      if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < 1)
        wrong(field, 'must be a whole number from 1')
      return [field, found]
    }),
  ) as Record<keyof typeof numbers, number>
  const idRange = rangeOf(given['idRange'])
  if (!idRange) wrong('idRange', 'must be like { from: 10000, to: 999999 }, from 100 to 999999999')
  if (issues.length > 0 || !password || !idRange) return { issues }
  const optional = { ca, fingerprint, node, pool }
  const set = Object.fromEntries(Object.entries(optional).filter(([, each]) => each !== undefined))
  return { value: { url, fallbackUrls, username, password, insecure: yes('insecure'), http, idRange, ...waits, ...set } }
}

/** An origin; the port is the one that Proxmox VE listens on, unless another is named. */
function addressOf(text: string, http: boolean): string | undefined {
  const named = /^[a-z]+:\/\//i.test(text)
  const url = URL.parse(named ? text : `${http ? 'http' : 'https'}://${text}`)
  if (!url || !['https:', 'http:'].includes(url.protocol) || (named && http !== (url.protocol === 'http:')))
    return undefined
  if (url.username !== '' || url.password !== '' || url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return undefined
  // The standard ports are left out of what was parsed: only the text knows whether one was named.
  if (url.port === '' && !/:\d+\/?$/.test(text)) url.port = '8006'
  return url.origin
}

function secretOf(value: unknown): Secret | undefined {
  if (value instanceof Secret) return value
  return typeof value === 'string' && value !== '' ? new Secret(value) : undefined
}

function rangeOf(value: unknown): ProxmoxOptions['idRange'] | undefined {
  const { from, to, ...rest } = (value ?? { from: 10_000, to: 999_999 }) as { from?: unknown; to?: unknown }
  if (typeof from !== 'number' || typeof to !== 'number' || Object.keys(rest).length > 0) return undefined
  const fits = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 100 && from <= to && to <= 999_999_999
  return fits ? { from, to } : undefined
}

import { Secret, type SchemaIssue, type SchemaResult, type StandardSchema } from '@virtkit/spi'

/** What a cluster row of type `simulated` holds. */
export interface SimulatedOptions {
  /** `http://127.0.0.1:8697` of a simulator in its own process, or `simulated:` for one in this process. */
  readonly url: string
  readonly username?: string
  readonly password?: Secret
  /** Accepted and without effect: simulators speak plain HTTP. */
  readonly insecure?: boolean
  readonly http?: boolean
}

/** Checks options without any library; an unknown field is an error that names it. */
export const simulatedOptions: StandardSchema<SimulatedOptions> = {
  '~standard': { version: 1, vendor: 'virtkit', validate },
}

function validate(value: unknown): SchemaResult<SimulatedOptions> {
  if (typeof value !== 'object' || value === null) return { issues: [{ message: 'must be an object' }] }
  const issues: SchemaIssue[] = []
  const wrong = (field: string, message: string): void => void issues.push({ message, path: [field] })
  const options: { -readonly [K in keyof SimulatedOptions]: SimulatedOptions[K] } = { url: 'simulated:' }
  for (const [field, given] of Object.entries(value)) {
    if (given === undefined) continue
    if (field === 'url') {
      if (isSimulatorUrl(given)) options.url = given
      else wrong(field, "must be like 'http://127.0.0.1:8697', or 'simulated:' for a simulator in this process")
    } else if (field === 'username') {
      if (typeof given === 'string' && !given.includes(':')) options.username = given
      else wrong(field, 'must be a text without a colon')
    } else if (field === 'password') {
      if (given instanceof Secret) options.password = given
      else if (typeof given === 'string') options.password = new Secret(given)
      else wrong(field, 'must be a text or a Secret')
    } else if (field === 'insecure' || field === 'http') {
      if (typeof given === 'boolean') options[field] = given
      else wrong(field, 'must be true or false')
    } else wrong(field, 'is not an option of this driver; known: url, username, password, insecure, http')
  }
  return issues.length > 0 ? { issues } : { value: options }
}

function isSimulatorUrl(url: unknown): url is string {
  if (typeof url !== 'string') return false
  if (/^simulated:[A-Za-z0-9._-]*$/.test(url)) return true
  // Credentials have their own fields; in a URL they would end up in logs.
  const parsed = URL.parse(url)
  return parsed !== null && parsed.protocol === 'http:' && parsed.username === '' && parsed.password === ''
}

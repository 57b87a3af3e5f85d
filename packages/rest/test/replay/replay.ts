import { type DocumentedOperation, differences, documented } from './documented.ts'

export type Values = Readonly<Record<string, unknown>>

/**
 * Asks the server as the documentation's curl lines do, over real HTTP and form-encoded, and holds every answer against it: the
 * status, every documented field, its type.
 */
export class Replay {
  readonly #url: string
  readonly #seen = new Set<string>()
  readonly #problems: string[] = []
  token: string | undefined

  constructor(url: string) {
    this.#url = url
  }

  /** What was not as documented, and what was not asked. */
  get problems(): readonly string[] {
    const left = documented
      .filter(({ operation }) => !this.#seen.has(operation))
      .map(({ operation }) => `${operation}: was not asked`)
    return [...this.#problems, ...left]
  }

  get count(): number {
    return this.#seen.size
  }

  /** `values` go into the path where it names them, and into the body or query else. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the story looks at whatever came
  async ask(name: string, values: Values = {}): Promise<any> {
    const operation = documented.find((each) => each.operation === name)
    if (!operation) throw new Error(`the documentation knows no ${name}`)
    const response = await this.#send(operation, values)
    const type = response.headers.get('content-type') ?? ''
    const body: unknown = type.includes('json') ? await response.json() : new Uint8Array(await response.arrayBuffer())
    this.#seen.add(name)
    if (response.status !== 200 && response.status !== 202) {
      throw new Error(`${name} answered ${response.status}: ${JSON.stringify(body)}`)
    }
    this.#problems.push(...differences(operation, body).map((text) => `${name}: ${text}`))
    return body
  }

  async #send({ method, path, bearer }: DocumentedOperation, values: Values): Promise<Response> {
    const rest = { ...values }
    const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => {
      const value = String(rest[name])
      delete rest[name]
      return encodeURIComponent(value)
    })
    const headers = bearer ? { authorization: `Bearer ${this.token}` } : {}
    if (method === 'GET') return fetch(`${this.#url}${filled}?${formOf(rest)}`, { headers })
    const body = Object.values(rest).some((value) => value instanceof Blob) ? multipartOf(rest) : formOf(rest)
    return fetch(`${this.#url}${filled}`, { method, headers, body })
  }
}

function formOf(values: Values): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value)) value.forEach((each, index) => form.append(`${name}[${index}]`, String(each)))
    else form.append(name, String(value))
  }
  return form
}

function multipartOf(values: Values): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(values)) form.append(name, value as Blob)
  return form
}

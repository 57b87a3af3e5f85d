import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'

const password = 'correct horse battery'
const apiKey = 'the-key-of-the-robot'

/** An example that runs as a reader would run it, from its sources. */
class Example implements AsyncDisposable {
  readonly #process: ChildProcess
  /** Where the API is. */
  readonly api: URL
  constructor(process: ChildProcess, api: URL) {
    this.#process = process
    this.api = api
  }

  static async start(name: string): Promise<Example> {
    const child = spawn(process.execPath, ['--conditions=@virtkit/source', `examples/${name}/src/main.ts`], {
      env: { PATH: process.env['PATH'], ADMIN_PASSWORD: password, API_KEY: apiKey },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exit = once(child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)))
    exit.catch(() => {})
    const [url] = (await Promise.race([once(createInterface(child.stdout), 'line'), exit])) as [string]
    return new Example(child, new URL(`${url}/`))
  }

  async call(method: string, path: string, body?: string, headers: Readonly<Record<string, string>> = basic) {
    const answer = await fetch(new URL(path, this.api), { method, headers, ...(body !== undefined && { body }) })
    return { status: answer.status, body: await answer.json() }
  }

  /** What the host itself has beside us. */
  async ownPage(): Promise<string> {
    return (await fetch(new URL('/', this.api))).text()
  }

  /** Ends as a service manager ends it. */
  async stop(): Promise<number> {
    const exit = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    const [code] = (await exit) as [number]
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) this.#process.kill('SIGKILL')
  }
}

const basic = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` }
const fields = { callbackurl: 'https://hooks.example.com/ok', errorcallbackurl: 'https://hooks.example.com/failed' }

it.concurrent.each(['mount-node', 'mount-express', 'mount-koa', 'mount-hono', 'mount-nest'])(
  'examples/%s serves the API behind a prefix, beside its own page',
  async (name) => {
    await using example = await Example.start(name)
    expect(example.api.pathname).toBe('/vm/rest/v1/')
    const made = await example.call('POST', 'callbacks', new URLSearchParams(fields).toString(), {
      ...basic,
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(made).toMatchObject({ status: 200, body: fields })
    const json = { ...basic, 'content-type': 'application/json' }
    const refused = await example.call('POST', 'callbacks', JSON.stringify({ ...fields, color: 'red' }), json)
    expect(refused).toMatchObject({ status: 400, body: { errors: ['unknown parameter: color'], instance: '/callbacks' } })
    expect((await example.call('GET', 'callbacks', undefined, {})).status).toBe(401)
    expect(await example.ownPage()).toBe('the page of the host\n')
    expect(await example.stop()).toBe(0)
  },
)

it.concurrent('examples/mount-fastify asks the host who somebody is', async () => {
  await using example = await Example.start('mount-fastify')
  const asRobot = { 'x-api-key': apiKey, 'content-type': 'application/json' }
  expect(await example.call('POST', 'callbacks', JSON.stringify(fields), asRobot)).toMatchObject({
    status: 200,
    body: fields,
  })
  expect((await example.call('GET', 'callbacks', undefined, { 'x-api-key': 'wrong' })).status).toBe(401)
  expect((await example.call('GET', 'callbacks')).status).toBe(401) // the kit's own passwords are not asked for here
  expect(await example.ownPage()).toBe('the page of the host\n')
  expect(await example.stop()).toBe(0)
})

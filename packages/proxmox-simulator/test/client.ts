import type { ProxmoxSimulator } from '../src/index.ts'

export interface TestAnswer {
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly text: string
  /** `data` of the body. */
  readonly data: unknown
  readonly errors: unknown
}

export interface TestClient {
  ask(method: string, path: string, params?: Record<string, unknown>, headers?: Record<string, string>): Promise<TestAnswer>
  /** Starts something and waits for its task; answers the exit status. */
  run(method: string, path: string, params?: Record<string, unknown>): Promise<string>
}

/** Asks as a token (`user!token=secret`), or with headers of its own. */
export function client(simulator: ProxmoxSimulator, token?: string): TestClient {
  const ask: TestClient['ask'] = async (method, path, params = {}, headers = {}) => {
    const query = new URLSearchParams(
      Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]),
    )
    const inQuery = method === 'GET' || method === 'DELETE'
    const response = await fetch(`${simulator.url}/api2/json${path}${inQuery && query.size > 0 ? `?${query}` : ''}`, {
      method,
      headers: { ...(token !== undefined && { authorization: `PVEAPIToken=${token}` }), ...headers },
      ...(!inQuery && { body: query }),
    })
    const text = await response.text()
    const body = text === '' ? {} : (JSON.parse(text) as { data?: unknown; errors?: unknown })
    const { status, statusText: reason } = response
    return { status, reason, headers: response.headers, text, data: body.data, errors: body.errors }
  }
  return {
    ask,
    run: async (...request) => {
      const { data, reason } = await ask(...request)
      if (typeof data !== 'string' || !data.startsWith('UPID:')) throw new Error(`no task: ${reason}`)
      for (;;) {
        const { exitstatus } = simulator.tasks.get(data)
        if (exitstatus !== undefined) return exitstatus
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    },
  }
}

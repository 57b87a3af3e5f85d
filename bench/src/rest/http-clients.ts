import { Agent, request } from 'node:http'

/** So many connections to one server, each with one request at a time. */
export class HttpClients {
  readonly #agent: Agent
  readonly #connections: number
  readonly #authorization: string

  constructor(connections: number, authorization: string) {
    this.#connections = connections
    this.#authorization = authorization
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /** Asks for `calls` URLs as fast as the connections allow; answers how long each took, in milliseconds. */
  async ask(calls: number, url: (index: number) => string): Promise<{ ms: number; each: readonly number[] }> {
    const each: number[] = []
    let next = 0
    const startedAt = performance.now()
    const client = async (): Promise<void> => {
      while (next < calls) {
        const askedAt = performance.now()
        await this.#get(url(next++))
        each.push(performance.now() - askedAt)
      }
    }
    await Promise.all(Array.from({ length: this.#connections }, client))
    return { ms: performance.now() - startedAt, each }
  }

  close(): void {
    this.#agent.destroy()
  }

  #get(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const asked = request(url, { agent: this.#agent, headers: { authorization: this.#authorization } }, (answer) => {
        answer.resume()
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve()
          else reject(new Error(`${url} answered ${answer.statusCode}`))
        })
      })
      asked.once('error', reject)
      asked.end()
    })
  }
}

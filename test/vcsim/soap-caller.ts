import type { IncomingHttpHeaders } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import type { Vcsim } from './start-vcsim.ts'

export interface SoapAnswer {
  readonly status: number
  readonly body: string
}

/** Says to a peer what a test writes down, and no more: nothing here knows what SOAP is about. */
export class SoapCaller {
  readonly #vcsim: Vcsim
  #cookie: string | undefined

  constructor(vcsim: Vcsim) {
    this.#vcsim = vcsim
  }

  /** Calls a method of the object at `this`, such as `Folder:group-v3`; `inner` is the XML after it. */
  async call(method: string, self: string, inner = ''): Promise<SoapAnswer> {
    const [type, ...id] = self.split(':')
    const body =
      '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" ' +
      `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body><${method} xmlns="urn:vim25">` +
      `<_this type="${type}">${id.join(':')}</_this>${inner}</${method}></e:Body></e:Envelope>`
    return this.send('POST', '/sdk', body)
  }

  /** The first `returnval` of a call that works. */
  async value(method: string, self: string, inner = ''): Promise<string> {
    const { status, body } = await this.call(method, self, inner)
    if (status !== 200) throw new Error(`${method}: ${status} ${body}`)
    return /<returnval[^>]*>(.*)<\/returnval>/s.exec(body)?.[1] ?? ''
  }

  async logIn(manager = 'SessionManager'): Promise<void> {
    const { user, password } = this.#vcsim
    const said = `<userName>${escape(user)}</userName><password>${escape(password)}</password>`
    await this.value('Login', `SessionManager:${manager}`, said)
  }

  /** One property of an object, as XML. */
  async property(self: string, path: string): Promise<string> {
    const [type] = self.split(':')
    const spec =
      `<specSet><propSet><type>${type}</type><pathSet>${path}</pathSet></propSet>` +
      `<objectSet><obj type="${type}">${self.slice(type!.length + 1)}</obj></objectSet></specSet><options/>`
    const answer = await this.value('RetrievePropertiesEx', 'PropertyCollector:propertyCollector', spec)
    return /<val[^>]*>(.*)<\/val>/s.exec(answer)?.[1] ?? ''
  }

  /** The object at a path such as `/DC0/vm`. */
  async find(path: string): Promise<string> {
    const { body } = await this.call(
      'FindByInventoryPath',
      'SearchIndex:SearchIndex',
      `<inventoryPath>${path}</inventoryPath>`,
    )
    const [, type, id] = /<returnval type="(\w+)">([^<]+)</.exec(body) ?? []
    if (id === undefined) throw new Error(`there is nothing at ${path}: ${body}`)
    return `${type}:${id}`
  }

  /** Starts a task and waits for its end: `success`, or the fault's type. */
  async task(method: string, self: string, inner = ''): Promise<string> {
    const task = `Task:${await this.value(method, self, inner)}`
    for (;;) {
      const state = await this.property(task, 'info.state')
      if (state === 'error') return /<fault [^>]*type="(\w+)"/.exec(await this.property(task, 'info.error'))?.[1] ?? 'error'
      if (state === 'success') return state
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async send(method: string, path: string, body: string | Buffer = '', headers: object = {}): Promise<SoapAnswer> {
    const cookie = this.#cookie === undefined ? {} : { cookie: this.#cookie }
    const { host, port, caCertificate } = this.#vcsim
    const options = { host, port, path, method, ca: caCertificate, agent: false, headers: { ...cookie, ...headers } }
    const { heads, ...answer } = await exchange(options, body)
    this.#cookie = heads['set-cookie']?.[0]?.split(';')[0] ?? this.#cookie
    return answer
  }
}

function exchange(options: RequestOptions, body: string | Buffer): Promise<SoapAnswer & { heads: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text, heads: response.headers }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

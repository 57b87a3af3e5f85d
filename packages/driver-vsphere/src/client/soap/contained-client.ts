// oxlint-disable no-underscore-dangle -- the package's own names
import { EventEmitter } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MoRef } from '../xml/xml-tree.ts'
import type { VimArguments } from '../xml/write-xml.ts'
import { readEnvelope, serviceInstance, writeRequest } from './envelope.ts'
import { TransportFailure } from './vim-fault.ts'
import { typeFreeWsdl } from './type-free-wsdl.ts'

/** What is used of the package's client (node-vsphere-soap 0.0.2-5), and of the soap client (0.8.0) below it. */
export interface PackageClient extends EventEmitter {
  client: SoapClient
  status: string
  serviceContent: unknown
  authCookie: { readonly cookies: string }
  connectionInfo: { host: string; password: string }
  _loginArgs: { password: string }
  _vcUrl: string
  _close: () => void
  _connect(): void
}

interface SoapClient {
  readonly VimService: { readonly VimPort: Readonly<Record<string, SoapMethod>> }
  readonly wsdl: { xmlToObject: (xml: string) => unknown }
  setEndpoint(url: string): void
}

type SoapMethod = (
  body: string,
  callback: (error: unknown, result: unknown) => void,
  options: object,
  headers: Readonly<Record<string, string>>,
) => void

type PackageClass = new (host: string, user: string, password: string, verify: boolean) => PackageClient

/** Sent with each request, to the HTTP client that the package uses. */
export interface RequestOptions {
  readonly agent: unknown
  readonly timeout: number
  readonly followRedirect: false
  /** No proxy, whatever the environment says. */
  readonly proxy: null
}

/** A client of the package with its dangerous parts replaced. */
export interface ContainedClient {
  readonly client: PackageClient
  /** What the login answered. */
  session(): unknown
  /** It would keep the password for as long as it lives. */
  forgetPassword(): void
  /** Logs in; the package's own way, over our own description of the service. */
  open(options: RequestOptions): Promise<void>
  send(method: string, self: MoRef, fields: VimArguments, options: RequestOptions): Promise<unknown>
}

/**
 * Makes one. Of the package are the session, its cookie, the envelope and HTTP. Replaced are: what throws where nobody can catch it,
 * what prints, what sets `NODE_TLS_REJECT_UNAUTHORIZED`, what removes listeners of the process, and the parser.
 * Throws a `TransportFailure` with `PEER_MISSING`.
 */
export function containClient(url: URL, user: string, password: string): ContainedClient {
  const Contained = contain(loadPackage(), url)
  // The fourth argument keeps its hands off the process's TLS.
  const client = new Contained(url.host, user, password, true)
  return {
    client,
    session: () => client.session,
    forgetPassword: () => {
      client.connectionInfo.password = ''
      client._loginArgs.password = ''
    },
    open: (options) => client.open(options),
    send: (method, self, fields, options) => client.send(method, self, fields, options),
  }
}

function loadPackage(): PackageClass {
  const require = createRequire(import.meta.url)
  try {
    return (require('node-vsphere-soap') as { Client: PackageClass }).Client
  } catch {
    throw new TransportFailure('PEER_MISSING', false, 'The package node-vsphere-soap is not installed.')
  }
}

interface Opened extends PackageClient {
  readonly session: unknown
  open(options: RequestOptions): Promise<void>
  send(method: string, self: MoRef, fields: VimArguments, options: RequestOptions): Promise<unknown>
}

function contain(
  Base: PackageClass,
  url: URL,
): new (host: string, user: string, password: string, verify: boolean) => Opened {
  return class extends Base implements Opened {
    declare isArmed: boolean | undefined
    declare isOurs: boolean | undefined
    declare options: RequestOptions
    declare wsdl: string
    declare session: unknown

    /** Its constructor connects at once, before anything of ours is there. */
    override _connect(): void {
      if (this.isArmed !== true) return
      const real = this._vcUrl
      this._vcUrl = this.wsdl
      super._connect()
      this._vcUrl = real
    }

    async open(options: RequestOptions): Promise<void> {
      this.options = options
      const folder = await mkdtemp(join(tmpdir(), 'virtkit-wsdl-'))
      try {
        this.wsdl = join(folder, 'vim.wsdl')
        await writeFile(this.wsdl, typeFreeWsdl())
        await new Promise<void>((resolve, reject) => {
          // Stays for good: an error without a listener would end the process.
          this.on('error', reject)
          this.once('ready', () => queueMicrotask(() => resolve(void process.removeListener('beforeExit', this._close))))
          this.isArmed = true
          this.emit('connect')
        })
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    }

    /** What the package calls itself: the same contract, without throw, print or the process's listeners. */
    runCommand(method: string, given: { readonly _this: MoRef | 'ServiceInstance' }): EventEmitter {
      const answer = new EventEmitter()
      answer.on('error', () => undefined)
      const { _this: self, ...fields } = given
      this.send(method, self === 'ServiceInstance' ? serviceInstance : self, fields, this.options).then(
        (returnval) => {
          if (method === 'Login') this.session = returnval
          answer.emit('result', { returnval })
        },
        (error: unknown) => answer.emit('error', error),
      )
      return answer
    }

    send(method: string, self: MoRef, fields: VimArguments, options: RequestOptions): Promise<unknown> {
      const { client } = this
      if (this.isOurs !== true) {
        this.isOurs = true
        client.setEndpoint(url.href)
        client.wsdl.xmlToObject = (xml) => ({ Body: readEnvelope(xml) })
      }
      const run = client.VimService.VimPort[method]
      if (!run) return Promise.reject(new TypeError(`${method} is missing in the WSDL.`))
      return new Promise((resolve, reject) => {
        const done = (error: unknown, result: unknown): void => {
          if (error) reject(error)
          else resolve((result as { returnval?: unknown } | undefined)?.returnval)
        }
        run(writeRequest(method, self, fields), done, options, { Connection: 'keep-alive' })
      })
    }
  }
}

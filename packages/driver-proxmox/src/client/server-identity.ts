import { type AgentOptions, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { type ConnectionOptions, connect } from 'node:tls'
import type { Duplex } from 'node:stream'

/** How a server proves that it is the one. Without anything: by the system's certificate authorities. */
export interface ServerTrust {
  /** PEM. */
  readonly ca?: string
  /** SHA-256 of the certificate, in hexadecimal with colons; then nothing else of it is looked at. */
  readonly fingerprint?: string
  /** Whoever answers is believed. */
  readonly insecure?: boolean
}

/** The way to a server: sockets that are handed out only when the other side has proved who it is. */
export function agentFor(protocol: string, trust: ServerTrust, options: AgentOptions): HttpAgent {
  if (protocol === 'http:') return new HttpAgent(options)
  const { ca, fingerprint, insecure = false } = trust
  const agent = new HttpsAgent({
    ...options,
    ...(ca !== undefined && { ca }),
    rejectUnauthorized: !insecure && fingerprint === undefined,
  })
  if (fingerprint !== undefined && !insecure) pin(agent, fingerprint)
  return agent
}

// Not before the fingerprint has been seen does the request get the socket: it begins with a password or token.
function pin(agent: HttpsAgent, fingerprint: string): void {
  agent.createConnection = (options, callback) => {
    const socket = connect(options as ConnectionOptions)
    const give = (error: Error | null): void => {
      socket.off('error', give)
      callback?.(error, socket as Duplex)
    }
    socket.once('error', give)
    socket.once('secureConnect', () => {
      const shown = socket.getPeerCertificate().fingerprint256
      if (sameFingerprint(shown, fingerprint)) return give(null)
      socket.destroy()
      give(new Error(`the certificate has the fingerprint ${shown}, not the one that is expected`))
    })
    return undefined
  }
}

function sameFingerprint(a: string, b: string): boolean {
  const digits = (text: string): string => text.replaceAll(':', '').toLowerCase()
  return digits(a) === digits(b)
}

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TLSSocket, createServer } from 'node:tls'
import { promisify } from 'node:util'

/**
 * A mail server that takes no password and repeats the one that it was offered, as badly behaved ones do. It speaks as much of SMTP
 * (RFC 5321) and AUTH (RFC 4954) as that needs, under TLS; `heard` is told every password.
 */
export async function openTelltaleMail(
  heard: (text: string) => void,
): Promise<AsyncDisposable & { readonly port: number; readonly ca: string }> {
  const { key, cert } = await certificate()
  const sockets = new Set<TLSSocket>()
  const server = createServer({ key, cert }, (socket) => {
    sockets.add(socket.setEncoding('utf8'))
    socket.on('error', () => {})
    const say = (line: string): void => void socket.write(`${line}\r\n`)
    say('220 lab ESMTP')
    socket.on('data', (text) => {
      for (const line of String(text)
        .split('\r\n')
        .filter((each) => each !== '')) {
        const offered = /^AUTH PLAIN (\S+)/i.exec(line)?.[1]
        if (/^EHLO/i.test(line)) say('250-lab\r\n250 AUTH PLAIN')
        else if (offered !== undefined) {
          const password = Buffer.from(offered, 'base64').toString().split('\0')[2] ?? ''
          heard(password)
          say(`535 5.7.8 wrong password ${password} (${offered})`)
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
        else say('530 5.7.0 Authentication required')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    ca: cert,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

async function certificate(): Promise<{ key: string; cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'virtkit-telltale-'))
  try {
    const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') }
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
    await promisify(execFile)('openssl', [...how, '-keyout', files.key, '-out', files.cert, ...names])
    return { key: await readFile(files.key, 'utf8'), cert: await readFile(files.cert, 'utf8') }
  } finally {
    await rm(folder, { recursive: true })
  }
}

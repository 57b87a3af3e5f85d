import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly secure: boolean
  readonly user: string | undefined
  /** All of it, as it came. */
  readonly source: string
  header(name: string): string | undefined
}

export interface MailLab extends AsyncDisposable {
  readonly port: number
  readonly mails: readonly ReceivedMail[]
  /** What was offered as user and password, also when it was not taken. */
  readonly attempts: readonly string[]
  stop(): Promise<void>
  /** Breaks off every connection, as a server that is killed does. */
  cut(): void
  /** Again, on the same port. */
  start(): Promise<void>
}

export interface MailLabOptions extends SMTPServerOptions {
  /** Called when a message is here, and the client not told so yet. */
  readonly onMail?: (mail: ReceivedMail) => Promise<void> | void
}

/** A real SMTP server on a port of its own, that takes mail of `virtkit@example.com` with the password `hunter2`. */
export async function openMailLab(options: MailLabOptions = {}): Promise<MailLab> {
  const mails: ReceivedMail[] = []
  const attempts: string[] = []
  const { onMail, ...smtp } = options
  let server: SMTPServer
  let port = 0
  const sockets = new Set<Socket>()
  const start = async (): Promise<void> => {
    server = new SMTPServer({
      logger: false,
      closeTimeout: 50,
      onAuth: ({ username, password }, _session, done) => {
        attempts.push(`${username}:${password}`)
        if (username === 'virtkit@example.com' && password === 'hunter2') done(null, { user: username })
        // As badly behaved servers do, it repeats what it was told.
        else done(Object.assign(new Error(`wrong password ${password}`), { responseCode: 535 }))
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const source = Buffer.concat(chunks).toString()
          const { mailFrom, rcptTo } = session.envelope
          const mail: ReceivedMail = {
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            secure: session.secure,
            user: session.user,
            source,
            header: (name) => new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(source)?.[1],
          }
          const take = async (): Promise<void> => {
            mails.push(mail)
            await onMail?.(mail)
          }
          take().then(() => done(), done)
        })
      },
      ...smtp,
    })
    // What a client breaks off is no matter here.
    server.on('error', () => {})
    server.server.on('connection', (socket: Socket) => sockets.add(socket))
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    port = (server.server.address() as AddressInfo).port
  }
  const stop = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
  await start()
  return {
    get port() {
      return port
    },
    mails,
    attempts,
    start,
    stop,
    cut: () => {
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** A certificate for this machine that nobody else signed. */
export async function selfSigned(): Promise<{ readonly key: string; readonly cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'virtkit-mail-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    await promisify(execFile)('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', cert])
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  } finally {
    await rm(folder, { recursive: true })
  }
}

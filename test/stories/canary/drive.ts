import { type Virtkit, type VirtkitError, createVirtkit, serviceNames } from '@virtkit/core'
import { createSimulatedHypervisor, fastPace } from '@virtkit/driver-simulated'
import { createRestServer } from '@virtkit/rest'
import { Secret } from '@virtkit/spi'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { bootServer } from '../lab.ts'
import { type Canaries, everythingOf } from './canaries.ts'
import { type Answer, dump, getsWithoutKeys, licence, pieces, rowsOf, run } from './readings.ts'
import { telltaleDriver } from './telltale-driver.ts'
import { openTelltaleMail } from './telltale-mail.ts'

/** What logs must say in the end: it was not silence that kept the secrets. */
const messages = [
  'driver call failed',
  'step failed',
  'callback delivered',
  'callback not delivered',
  'message not sent',
  'guest asked',
  'guest asked with a token that is not known',
]

/** Everything that can be done with secrets, done. Answers all that was said anywhere, by place. */
export async function drive(
  canaries: Canaries,
  database: DatabaseLocation,
  folder: string,
): Promise<Record<string, string>> {
  const { make, spend } = { make: canaries.make.bind(canaries), spend: canaries.spend.bind(canaries) }
  const refused = (name: string, work: (secret: string) => Promise<unknown>, as?: (random: string) => string) =>
    spend(name, work(make(name, 'refused', as)))
  const kept = (name: string, work: (secret: string) => Promise<unknown>) => spend(name, work(make(name, 'kept')))

  const ring = { id: 'ring', key: canaries.adopt('ring key', 'kept', randomBytes(32).toString('base64')) }
  const hook = createServer((request, response) => {
    canaries.seen('receiver', request.url ?? '')
    response.writeHead(request.url?.includes('fails') ? 500 : 204).end()
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const hooks = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`
  await using mail = await openTelltaleMail((text) => canaries.seen('mail server', text))
  const right = make('hypervisor', 'hypervisor')
  const world = createSimulatedHypervisor({ pace: fastPace, credentials: { username: 'root', password: right } })
  const telltale = telltaleDriver(world.driver, right, (text) => canaries.seen('hypervisor', text))
  const background: VirtkitError[] = []
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const media = bootServer()
  const options = {
    database,
    drivers: [telltale.driver],
    // Every token of a guest is one of ours.
    installMedia: {
      ...media,
      open: async (...given: Parameters<typeof media.open>) => {
        const open = await media.open(...given)
        const medium: typeof open.medium = (plan, token, call) => {
          if (!canaries.names.includes('guest token')) canaries.adopt('guest token', 'guest', token)
          canaries.seen('guest', token)
          return open.medium(plan, token, call)
        }
        return { origin: open.origin, medium, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() }
      },
    },
    operations: { pollMs: 100 },
    logs: { folder: join(folder, 'logs') },
    licensing: { publicKey },
    notifications: { digestMs: 0, mailCa: mail.ca },
    receivers: { allow: ['127.0.0.0/8', '::1'] },
    onError: (error: VirtkitError) => background.push(error),
  }
  const open = (more: object): Promise<Virtkit> => createVirtkit({ ...options, encryption: { keys: [ring] }, ...more })

  // What a host may get wrong.
  const pem = (label: string) => (random: string) => `-----BEGIN ${label}-----\n${random}\n-----END ${label}-----\n`
  const keyFile = join(folder, 'wrong.key')
  await refused('short key', (key) => open({ encryption: { keys: [{ id: 'a', key }] } }))
  await refused('key file', async (key) => {
    await writeFile(keyFile, `a:${key}\n`, { mode: 0o600 })
    await open({ encryption: { keyFile } })
  })
  await refused('database password', (password) =>
    open({ database: { postgres: `postgres://virtkit:${password}@127.0.0.1:1/virtkit` } }),
  )
  await refused(
    'licence private key',
    (key) => open({ licensing: { publicKey: key } }),
    () => privateKey,
  )
  await refused('TLS key', (mailCa) => open({ notifications: { mailCa } }), pem('PRIVATE KEY'))
  const command = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url))
  const spoken: string[] = []
  for (const [name, environment] of [
    ['command database password', (secret: string) => ({ VIRTKIT_DATABASE: `postgres://virtkit:${secret}@127.0.0.1:1/x` })],
    ['command key file', () => ({ VIRTKIT_DATABASE: `sqlite:${join(folder, 'x.db')}`, VIRTKIT_KEY_FILE: keyFile })],
  ] as const) {
    // What a command says has nothing to do with the database of the kit.
    if (!('sqlite' in database)) break
    const secret = make(name, 'refused')
    if (name === 'command key file') await writeFile(keyFile, `a:${secret}\n`, { mode: 0o600 })
    await spend(name, run(command, ['serve', '--verbose', '--port', '0'], environment(secret), spoken))
  }

  await using kit = await open({})
  const metricsToken = make('metrics token', 'kept')
  await refused(
    'short metrics token',
    async (token) => createRestServer(kit, { metricsToken: token }),
    () => 'kanari-short',
  )
  await using rest = createRestServer(kit, { metricsToken })
  const answers: string[] = []
  const ask = async (
    method: string,
    path: string,
    more: { body?: unknown; headers?: Record<string, string>; raw?: string } = {},
  ) => {
    const isText = more.raw !== undefined
    const body = isText ? more.raw : more.body === undefined ? undefined : JSON.stringify(more.body)
    const response = await rest.fetch(
      new Request(`http://lab/rest/v1${path}`, {
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}`, ...more.headers },
        ...(body !== undefined && { body }),
      }),
    )
    const said = await response.text()
    answers.push(`${response.status} ${JSON.stringify([...response.headers])} ${said}`)
    return {
      status: response.status,
      body: said.startsWith('{') || said.startsWith('[') ? (JSON.parse(said) as Answer) : ({} as Answer),
    }
  }
  /** What must be answered. */
  const get = async (...given: Parameters<typeof ask>): Promise<Answer> => {
    const { status, body } = await ask(...given)
    expect([given[0], given[1], status < 300]).toEqual([given[0], given[1], true])
    return body
  }
  let bearer = ''
  const serviceLevels = Object.fromEntries(serviceNames.map((service) => [service, 'trace' as const]))
  await kit.settings.update({ serviceLevels })
  await kit.license.install(licence(privateKey))

  // People.
  const adminPassword = make('first administrator', 'kept')
  await spend('first administrator', kit.users.ensureAdministrator({ password: adminPassword }))
  const admin = { client_id: 'admin', client_secret: adminPassword }
  bearer = canaries.adopt('bearer token', 'answered', (await get('POST', '/token', { body: admin })).access_token)
  await kept('user password', (password) => kit.users.add({ name: 'ada', password, permissionGroups: ['operator'] }))
  const ada = (await kit.users.list()).find(({ name }) => name === 'ada')!.key
  await refused('wrong password', (password) => kit.users.authenticate('ada', password))
  await refused('password of a double', (password) => kit.users.add({ name: 'ada', password }))
  await refused('basic password', (password) =>
    ask('GET', '/users', { headers: { authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` } }),
  )
  await refused('password in an address', (password) =>
    ask('GET', `/token?grant_type=client_credentials&client_id=ada&client_secret=${password}`),
  )
  await refused('password in a token request', (client_secret) =>
    ask('POST', '/token', { body: { client_id: 'ada', client_secret } }),
  )
  await refused('unknown token', (token) => ask('GET', '/users', { headers: { authorization: `Bearer ${token}` } }))
  await refused('broken header', (token) => ask('GET', '/users', { headers: { authorization: `Bearer x ${token}` } }))
  await kept('destroyed token', (access_token) => ask('POST', '/destroy', { body: { access_token } }))
  await kept('new password', (password) => ask('PUT', `/users/${ada}`, { body: { username: 'ada', password } }))
  await refused('secret in an unknown field', (passwort) =>
    ask('POST', '/users', { body: { username: 'bob', password: 'battery staple', passwort } }),
  )
  await refused('secret in a broken body', (password) =>
    ask('POST', '/users', { raw: `{"username":"bob","password":"${password}",}` }),
  )
  await refused('secret of a wrong type', (password) =>
    ask('POST', '/users', { body: { username: 'bob', password: [password] } }),
  )
  await refused('secret as a permission', (group) =>
    kit.users.add({ name: 'eve', password: 'battery staple', permissionGroups: [group as never] }),
  )
  await refused('secret as a key', (key) => ask('GET', `/users/${key}`))

  // Hypervisors.
  const url = world.url
  const root = { username: 'root', url, insecure: false, http: false }
  const credentials = await kit.credentials.add({ name: 'right', url, username: 'root', password: right })
  const cluster = (await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: credentials.key })).key
  for (const way of ['plain', 'ours', 'cause', 'several', 'request', 'stack']) {
    const password = make(`told ${way}`, 'hypervisor')
    const body = await get('POST', '/clustercredentials', { body: { ...root, name: `told ${way}`, password } })
    await spend(`told ${way}`, kit.credentials.test(body.key, 'simulated'))
  }
  const wrong = make('tested over REST', 'hypervisor')
  const stored = await get('POST', '/clustercredentials', { body: { ...root, name: 'wrong', password: wrong } })
  await ask('POST', `/clustercredentials/${stored.key}/test`, { body: { type: 'simulated' } })
  const changed = make('changed over REST', 'hypervisor')
  await ask('PUT', `/clustercredentials/${stored.key}`, { body: { ...root, name: 'wrong', password: changed } })
  await ask('POST', `/clustercredentials/${stored.key}/test`, { body: { type: 'simulated' } })
  const inline = make('inline credentials', 'hypervisor')
  const there = await spend(
    'inline credentials',
    kit.clusters.add({ name: 'gone', type: 'simulated', credentials: { ...root, password: inline } }),
  )
  if (there) await spend('inline credentials', kit.clusters.check(there.key))
  await refused('list of passwords', (password) =>
    kit.credentials.add({ ...root, name: 'list', password: [password] as never }),
  )
  await refused('userinfo', (password) =>
    kit.credentials.add({ ...root, name: 'u', password: 'x', url: `http://root:${password}@127.0.0.1:1/` }),
  )
  await refused('userinfo over REST', (password) =>
    ask('POST', '/clustercredentials', {
      body: { ...root, name: 'u', password: 'x', url: `http://root:${password}@127.0.0.1:1/` },
    }),
  )

  // Receivers: callbacks, webhooks, mail.
  const [path, query] = [make('callback path', 'receiver'), make('callback query', 'receiver')]
  const address = (kind: string): string => `${hooks}/${kind}/${path}?token=${query}`
  const hookBody = {
    callbackurl: address('fails'),
    errorcallbackurl: address('fails'),
    installcallbackurl: address('start'),
    deletecallbackurl: address('gone'),
  }
  const callback = await get('POST', '/callbacks', { body: hookBody, headers: { 'idempotency-key': 'once-1' } })
  canaries.adopt('callback secret', 'answered', callback.secret)
  await ask('POST', '/callbacks', { body: hookBody, headers: { 'idempotency-key': 'once-1' } })
  await refused('callback userinfo', (password) =>
    kit.callbacks.add({ successUrl: `https://a:${password}@example.com`, errorUrl: hooks }),
  )
  await kit.clusters.update(cluster, { callbacks: [callback.key] })
  const told = make('webhook path', 'receiver')
  const filter = await kit.notifications.add({
    type: 'webhook',
    to: `${hooks}/${told}`,
    severities: ['critical', 'error', 'warning'],
    user: ada,
  })
  canaries.adopt('webhook secret', 'answered', filter.secret!.reveal())
  await refused('webhook userinfo', (password) =>
    kit.notifications.add({
      type: 'webhook',
      to: `https://a:${password}@example.com/`,
      severities: ['critical'],
      user: ada,
    }),
  )
  await kit.notifications.add({
    type: 'mail',
    to: 'ada@example.com',
    severities: ['critical', 'error', 'warning'],
    user: ada,
  })
  const server = { mailserver: '127.0.0.1', port: mail.port, username: 'virtkit', security: 'none' }
  await refused('mail password in clear', (password) =>
    ask('PUT', '/setting/notification', { body: { ...server, password } }),
  )
  await refused('list of mail passwords', (password) =>
    kit.mailSettings.replace({ server: '127.0.0.1', password: [password] as never }),
  )

  return { ...(await live()), ...(await look()) }

  /** Machines and their guests; and what is told of them. */
  async function live(): Promise<Record<string, never>> {
    const lan = await kit.networks.add({ name: 'lan', cluster, cidr: '10.20.0.0/24', gateway: '10.20.0.1' })
    const group = await kit.groups.add({ name: 'team', users: [ada], networks: [lan.key], clusters: [cluster] })
    const size = { cpus: 1, memoryMiB: 2048, diskMiB: 20_480, os: 'debian-12' }
    const machine = async (name: string) =>
      (await kit.machines.create({ name, owner: group.key, cluster, networks: [{ network: lan.key }], ...size })).key
    const [first, second, third] = [await machine('web-1'), await machine('web-2'), await machine('web-3')]
    const mailPassword = make('mail password', 'mail server')
    await kit.mailSettings.replace({
      server: 'localhost',
      port: mail.port,
      username: 'virtkit',
      password: new Secret(mailPassword),
      sender: 'virtkit@example.com',
      security: 'tls',
    })
    const started = await get('POST', `/virtualmachines/${first}/install`, { body: {} })
    canaries.adopt('root password', 'answered', started.password)
    await kit.installs.whenReady(started.install)
    const hash = canaries.adopt('root hash', 'kept', `$6$kanarisalt$${randomBytes(64).toString('hex').slice(0, 85)}.`)
    await refused('password for a hash', (passwordHash) => kit.installs.start(second, { passwordHash }))
    await refused('SSH private key', (key) => kit.installs.start(second, { sshKeys: [key] }), pem('OPENSSH PRIVATE KEY'))
    await refused(
      'SSH private key in a line',
      (key) => kit.installs.start(second, { sshKeys: [key] }),
      (random) => pem('PRIVATE KEY')(random).replaceAll('\n', ' '),
    )
    const broken = await spend('root hash', kit.installs.start(second, { passwordHash: hash }))
    await kit.operations.cancel(broken!.operation)
    await spend('root hash', kit.installs.whenReady(broken!.runId))
    // The hypervisor says our password in the middle of a machine's life, in a step that is tried again and in one that is given up.
    telltale.telling = true
    const lost = await get('POST', `/virtualmachines/${third}/install`, { body: {} })
    await spend('hypervisor', kit.installs.whenReady(lost.install))
    telltale.telling = false
    await refused('unknown guest token', (token) => fetch(`${kit.bootOrigin}/boot/${token}/script.ipxe`))
    await kit.operations.wait((await kit.machines.remove(first)).id)
    const parameters = answers.length
    for (const key of [1, 2]) await ask('GET', `/virtualmachines/parameter/${key}`)
    expect(answers.length).toBe(parameters + 2)
    const waits = { timeout: 60_000, interval: 200 }
    await expect.poll(() => canaries.unused().filter((name) => /receiver|mail server/.test(name)), waits).toEqual([])
    const missing = async () => {
      const said = new Set((await kit.logs.list({ limit: 10_000 })).lines.map(({ message }) => message))
      return messages.filter((message) => !said.has(message))
    }
    await expect.poll(missing, waits).toEqual([])
    return {}
  }

  /** Everything that was said, wherever. */
  async function look(): Promise<Record<string, string>> {
    await kept('licence document', async (document) =>
      ask('PUT', '/license', { body: { license: document } }).then(() => ({ status: 200 })),
    )
    const passphrase = new Secret(make('passphrase', 'kept'))
    const sealed = await backup({ encryption: { passphrase } }, 'passphrase')
    await refused('mistyped passphrase', (text) => kit.backup.restore(pieces(sealed), { passphrase: new Secret(text) }))
    await refused(
      'short passphrase',
      (text) => backup({ encryption: { passphrase: new Secret(text) } }),
      () => 'kanari-sh',
    )
    const installation = await backup({ encryption: 'installation' })
    const clear = await backup({ encryption: 'none' }, 'ring key')
    for (const { operation } of getsWithoutKeys()) await ask('GET', operation)
    const metrics = await spend(
      'metrics token',
      ask('GET', '/metrics', { headers: { authorization: `Bearer ${metricsToken}` } }),
    )
    canaries.seen('answered', `${answers.join('')}${filter.secret?.reveal() ?? ''}`)
    expect(metrics?.status).toBe(200)
    const lines = (await kit.logs.list({ limit: 10_000 })).lines
    const files = await readdir(options.logs.folder)
    const logs = await Promise.all(files.map((name) => readFile(join(options.logs.folder, name), 'utf8')))
    hook.close()
    return {
      logs: logs.join(''),
      'logs as shown': JSON.stringify([lines, (await kit.logs.list({ limit: 10_000, pseudonymized: true })).lines]),
      events: JSON.stringify(await kit.events.list({ limit: 1000 })),
      audit: JSON.stringify(await kit.audit.list({ limit: 1000 })),
      errors: [...canaries.errors, ...background].map(everythingOf).join('\n'),
      operations: JSON.stringify(await kit.operations.list({ limit: 1000 })),
      database: await dump(kit),
      'backup in clear': rowsOf(clear),
      'backup under the ring': installation.toString('latin1'),
      'backup under a passphrase': sealed.toString('latin1'),
      answers: answers.join('\n'),
      ...(spoken.length > 0 && { 'what the command said': spoken.join('\n') }),
      process: [process.title, ...process.argv, await readFile('/proc/self/cmdline', 'utf8').catch(() => '')].join('\n'),
    }
  }

  async function backup(how: Parameters<Virtkit['backup']['write']>[1], spends?: string): Promise<Buffer> {
    const sink = new PassThrough()
    const written = kit.backup.write(sink, how)
    const [bytes] = await Promise.all([buffer(sink), spends === undefined ? written : spend(spends, written)])
    return bytes
  }
}

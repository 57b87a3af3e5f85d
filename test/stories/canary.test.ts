import { Secret, type VirtkitError, serviceNames } from '@virtkit/core'
import { eachDatabase } from '@virtkit/test-databases'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { encryption, openLab } from './lab.ts'

/** Every secret says so, and each is another: whatever of them is found somewhere tells which way it took. */
const canary = (what: string): string => `CANARY-${what}-hunter2`

eachDatabase((db) => {
  it('of many secrets, on all ways that we can drive, none gets into a log, an event, an error, an operation or a backup', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-canary-'))
    const background: VirtkitError[] = []
    const thrown: unknown[] = []
    const attempt = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => thrown.push(error))
    const received: string[] = []
    const hook = createServer((request, response) => {
      received.push(request.url ?? '')
      response.writeHead(received.length % 2 ? 500 : 204).end()
    })
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
    try {
      const credentials = { username: 'root', password: canary('hypervisor') }
      const onError = (error: VirtkitError): number => background.push(error)
      await using lab = await openLab(await db.options(), { simulator: { credentials }, logs: { folder }, onError })
      const { kit, simulator } = lab
      const url = simulator.url

      // Everything that can be logged is.
      const serviceLevels = Object.fromEntries(serviceNames.map((service) => [service, 'trace' as const]))
      await kit.settings.update({ serviceLevels })
      // Credentials: kept, changed, wrong, malformed.
      const right = await kit.credentials.add({ name: 'right', url, ...credentials })
      const login = { name: 'root', username: 'root', url, password: canary('credentials') }
      const kept = await kit.credentials.add(login)
      await attempt(kit.credentials.add({ ...login, password: [canary('list')] as never }))
      await attempt(kit.credentials.add({ ...login, url: `http://root:${canary('userinfo')}@127.0.0.1:1/` }))
      await attempt(kit.credentials.update(kept.key, { ...login, password: canary('changed') }))
      await attempt(
        kit.clusters.add({
          name: 'gone',
          type: 'simulated',
          credentials: { ...login, name: 'gone', url: 'simulated:gone' },
        }),
      )
      // Users: made, signed in with the wrong password, changed, refused.
      const user = await kit.users.add({ name: 'ada', password: canary('user') })
      await attempt(kit.users.authenticate('ada', canary('wrong')))
      await attempt(kit.users.add({ name: 'ada', password: canary('twice') }))
      await attempt(
        kit.users.add({ name: 'bob', password: canary('refused'), permissionGroups: [canary('group') as never] }),
      )
      await attempt(kit.users.update(user.key, { password: canary('new') } as never))
      // Mail: kept under seal, and refused.
      const mail = { server: '127.0.0.1', port: 1, username: 'virtkit', sender: 'virtkit@example.com' }
      await kit.mailSettings.replace({ ...mail, password: new Secret(canary('mail')) })
      await attempt(kit.mailSettings.replace({ ...mail, password: [canary('mails')] } as never))
      // Callbacks: a secret of ours, and one of theirs in the path; the first delivery fails.
      const address = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/${canary('path')}?token=${canary('query')}`
      const callback = await kit.callbacks.add({
        successUrl: address,
        errorUrl: address,
        startUrl: address,
        deleteUrl: address,
      })
      await attempt(kit.callbacks.add({ successUrl: `https://a:${canary('hookpass')}@example.com`, errorUrl: address }))
      await attempt(kit.clusters.check(lab.cluster))
      await kit.clusters.update(lab.cluster, { credentialsKey: right.key, callbacks: [callback.key] })
      // An install with a random password, its token in every URL that the guest asks for; and one that is broken off.
      const [first, second] = [await lab.machine('web-1'), await lab.machine('web-2')]
      const run = await kit.installs.start(first)
      await kit.installs.whenReady(run.runId)
      await attempt(kit.installs.start(second, { passwordHash: canary('nohash') }))
      const hash = `$6$saltsaltsalt$${'x'.repeat(85)}.`
      const broken = await kit.installs.start(second, { passwordHash: hash })
      await attempt(kit.operations.cancel(broken.operation))
      await attempt(kit.installs.whenReady(broken.runId))
      await attempt(fetch(`${kit.bootOrigin}/${canary('token')}/boot.ipxe`))
      // The hypervisor refuses us in the middle of a machine's life.
      await kit.clusters.update(lab.cluster, { credentialsKey: kept.key })
      expect(await kit.operations.wait((await kit.machines.power(first, 'off')).id)).toMatchObject({ state: 'failed' })
      await kit.clusters.update(lab.cluster, { credentialsKey: right.key })
      await kit.operations.wait((await kit.machines.remove(first)).id)
      // Backups: the passphrase, right and wrong.
      const passphrase = new Secret(canary('passphrase'))
      const sealed = new PassThrough()
      const written = kit.backup.write(sealed, { encryption: { passphrase } })
      const bytes = await buffer(sealed)
      await written
      await attempt(kit.backup.restore(pieces(bytes), { passphrase: new Secret(canary('mistyped')) }))
      await expect.poll(() => received.length, { timeout: 20_000 }).toBeGreaterThan(2)

      const clear = new PassThrough()
      const done = kit.backup.write(clear, { encryption: 'none' })
      const backup = rowsOf(await buffer(clear))
      await done
      const { lines } = await kit.logs.list({ limit: 10_000 })
      const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
      const places = {
        logs: files.join(''),
        shown: JSON.stringify(lines),
        events: JSON.stringify(await kit.events.list({ limit: 1000 })),
        errors: JSON.stringify(
          [...thrown, ...background].map((error) => ({ ...(error as VirtkitError), text: String(error) })),
        ),
        operations: JSON.stringify(await kit.database.queries.selectFrom('operations').selectAll().execute()),
        // The URLs of callbacks are kept as they were given: what is theirs in the path is as readable there as in the database.
        backup: backup.replaceAll(address, ''),
      }
      const secrets = [callback.secret.reveal(), run.password!.reveal(), hash, encryption.keys[0]!.key]
      for (const [place, text] of Object.entries(places)) {
        expect([place, text.match(/.{30}CANARY[\w-]*/g)]).toEqual([place, null])
        for (const secret of secrets) expect([place, text.includes(secret)]).toEqual([place, false])
        expect(text.length).toBeGreaterThan(100)
      }

      // And it was not silence that kept them: every service that was driven has said something.
      expect(thrown.length).toBeGreaterThan(8)
      const said = new Set(
        lines.flatMap(({ service, level, message }) => [`${service}: ${message}`, `${service} ${level}`]),
      )
      for (const line of [
        'core: event',
        'inventory: event',
        'configurator: event',
        'integrator: driver call failed',
        'ipxebuilder: guest asked',
        'ipxebuilder: guest reported',
        'notification: callback delivered',
        'notification: callback not delivered',
        'core: step failed',
        // Only logged because the level was changed.
        'configurator debug',
      ])
        expect(said).toContain(line)
      const shown = JSON.stringify((await kit.logs.list({ limit: 10_000, pseudonymized: true })).lines)
      for (const name of ['web-1', 'web-2', '"ada"', '127.0.0.1', 'team-a'])
        expect([name, shown.includes(name)]).toEqual([name, false])
    } finally {
      hook.close()
      await rm(folder, { recursive: true })
    }
  })
})

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

/** The lines of a backup in clear: behind two lines of header, compressed, in frames of four bytes of length and as many of content. */
function rowsOf(bytes: Buffer): string {
  const parts: Buffer[] = []
  let isLast = false
  for (let at = bytes.indexOf(10, bytes.indexOf(10) + 1) + 1; !isLast;) {
    const word = bytes.readUInt32BE(at)
    isLast = word >= 2 ** 31
    const end = at + 4 + (word % 2 ** 31)
    parts.push(bytes.subarray(at + 4, end))
    at = end
  }
  return gunzipSync(Buffer.concat(parts)).toString()
}

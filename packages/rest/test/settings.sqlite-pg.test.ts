import { generateKeyPairSync } from 'node:crypto'
import { signLicense } from '@virtkit/core'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { type RestLab, openRestLab } from './rest-lab.ts'

const services = ['core', 'configurator', 'inventory', 'integrator', 'logcollector', 'notification', 'ipxebuilder']

eachDatabase((db) => {
  /** A lab that believes the name: what is asked often here is not who asks, and a password takes a while to check. */
  const openLab = async (options: Parameters<typeof openRestLab>[1] = {}): Promise<RestLab> => {
    const lab: RestLab = await openRestLab(await db.options(), {
      ...options,
      rest: {
        ...options.rest,
        authenticate: async (request) => {
          const [, encoded = ''] = (request.headers.get('authorization') ?? '').split(' ')
          const [name] = Buffer.from(encoded, 'base64').toString().split(':')
          const user = (await lab.kit.users.list()).find((each) => each.name === name)
          return user && lab.kit.users.actor(user.key)
        },
      },
    })
    return lab
  }

  it('settings are read, replaced and returned to their defaults, in nanoseconds and by service', async () => {
    await using lab = await openLab()
    const defaults = {
      installtimeout: 2_400_000_000_000,
      regexfilter: '',
      ignorefilter: [],
      ...Object.fromEntries(services.map((service) => [`loglevel${service}`, 'info'])),
      deletiongrace: 604_800_000_000_000,
    }
    expect((await lab.call('GET', '/setting')).body).toEqual(defaults)
    const change = { regexfilter: '^ssd', ignorefilter: ['ssd-8', 'ssd-9'], loglevelcore: 'debug' }
    const changed = await lab.call('PUT', '/setting', { ...change, installtimeout: '1h30m' })
    expect(changed.body).toEqual({ ...defaults, ...change, installtimeout: 5_400_000_000_000 })
    expect((await lab.call('GET', '/setting')).body).toEqual(changed.body)
    const exact = await lab.call('PUT', '/setting', { installtimeout: '2400001000000' })
    expect(exact.body).toEqual({ ...defaults, installtimeout: 2_400_001_000_000 })
    const refusals: readonly [Record<string, unknown>, string][] = [
      [{ installtimeout: '40 minutes' }, 'installtimeout: cannot be read; write nanoseconds, or 40m, 1h30m, 90s'],
      [{ installtimeout: 40 }, 'installtimeout: must be at least one second'],
      [{ regexfilter: '(' }, 'regexfilter: must be a regular expression'],
      [{ color: 'red' }, 'unknown parameter: color'],
    ]
    for (const [fields, problem] of refusals) {
      expect((await lab.call('PUT', '/setting', fields)).body).toMatchObject({ statuscode: 400, errors: [problem] })
    }
    expect((await lab.call('GET', '/setting')).body).toEqual(exact.body)

    const levels = Object.fromEntries(services.map((service) => [service, 'info']))
    expect((await lab.call('GET', '/servicesettings')).body).toEqual(levels)
    const set = await lab.call('PUT', '/servicesettings', { service: 'ipxebuilder', loglevel: 'trace' })
    expect(set.body).toEqual({ loglevel: 'trace' })
    expect((await lab.call('GET', '/servicesettings')).body).toEqual({ ...levels, ipxebuilder: 'trace' })
    expect((await lab.call('GET', '/setting')).body).toMatchObject({ ...exact.body, loglevelipxebuilder: 'trace' })
    const loud = await lab.call('PUT', '/servicesettings', { service: 'kitchen', loglevel: 'loud' })
    expect(loud.body.errors).toEqual([expect.stringMatching(/^service: /), expect.stringMatching(/^loglevel: /)])
    expect((await lab.call('DELETE', '/setting')).body).toEqual({ msg: 'settings returned to their defaults' })
    expect((await lab.call('GET', '/setting')).body).toEqual(defaults)

    const mail = { mailserver: 'smtp.example.com', mailport: 587, username: 'ops@example.com' }
    const put = await lab.call('PUT', '/setting/notification', { ...mail, password: 'hunter2' })
    expect(put.body).toEqual({ ...mail, mailfrom: '', security: 'auto' })
    expect((await lab.call('GET', '/setting/notification')).body).toEqual(put.body)
    const moved = await lab.call('PUT', '/setting/notification', { ...mail, mailserver: 'evil.example.com' })
    expect(moved.body.errors).toEqual([expect.stringMatching(/^password: is missing/)])
    const wrong = await lab.call('PUT', '/setting/notification', {
      mailserver: 'http://x',
      username: 'u',
      password: 'swordfish',
    })
    expect(wrong.body.errors).toEqual([expect.stringMatching(/^mailserver: must be a host name/)])
    expect(JSON.stringify(wrong.body)).not.toContain('swordfish')
    await lab.call('DELETE', '/setting/notification')
    expect((await lab.call('GET', '/setting/notification')).body).toMatchObject({ mailserver: '', mailport: 465 })
    expect(JSON.stringify(await lab.kit.events.list({}))).not.toContain('hunter2')

    const viewer = { name: 'vera', password: 'long enough' }
    await lab.kit.users.add({ ...viewer, permissionGroups: ['viewer'] })
    for (const path of ['/setting', '/setting/notification', '/servicesettings', '/update', '/license'])
      expect([path, (await lab.as(viewer)('GET', path)).status]).toEqual([path, 403])
  })

  it('filters are kept as documented, and what was told is read', async () => {
    await using lab = await openLab()
    const fields = { type: 'mail', to: 'ops@example.com', userkey: 1, filter: ['error', 'critical'] }
    const created = await lab.call('POST', '/notificationfilter', fields)
    const { key } = created.body
    expect(created).toMatchObject({ status: 200, body: { key, ...fields } })
    expect((await lab.call('GET', '/notificationfilter')).body).toEqual([{ key, ...fields }])
    expect((await lab.call('GET', `/notificationfilter/${key}`)).body).toEqual({ key, ...fields })
    const hook = { ...fields, type: 'webhook', to: 'https://hooks.example.com/x', filter: ['info'] }
    const replaced = await lab.call('PUT', `/notificationfilter/${key}`, hook)
    expect(replaced.body).toEqual({ key, ...hook, secret: expect.stringMatching(/^whsec_/) })
    expect((await lab.call('GET', `/notificationfilter/${key}`)).body).toEqual({ key, ...hook })
    expect((await lab.call('GET', `/notificationfilter/${key}/deliveries`, undefined)).body).toEqual([])
    const refusals: readonly [Record<string, unknown>, RegExp][] = [
      [{ ...fields, type: 'telegram' }, /^type: is no channel of this installation; it has mail, webhook$/],
      [{ ...fields, to: 'a@b.example, c@d.example' }, /^to: must be one mail address/],
      [{ ...fields, filter: ['loud'] }, /^filter\[0\]: /],
      [{ ...fields, filter: undefined }, /^missing parameter: filter$/],
    ]
    for (const [wrong, problem] of refusals) {
      const { status, body } = await lab.call('POST', '/notificationfilter', wrong)
      expect([status, body.errors]).toEqual([400, [expect.stringMatching(problem)]])
    }
    expect((await lab.call('POST', '/notificationfilter', { ...fields, userkey: 99 })).status).toBe(404)
    const user = { name: 'uma', password: 'long enough' }
    await lab.kit.users.add({ ...user, permissionGroups: ['user'] })
    expect((await lab.as(user)('GET', `/notificationfilter/${key}`)).status).toBe(404)
    expect((await lab.as(user)('GET', '/notificationfilter')).body).toEqual([])
    expect((await lab.as(user)('POST', '/notificationfilter', { ...fields, userkey: 2 })).status).toBe(200)
    const removed = await lab.call('DELETE', `/notificationfilter/${key}`)
    expect(removed.body).toEqual({ msg: 'notification filter deleted' })
    expect((await lab.call('GET', `/notificationfilter/${key}`)).status).toBe(404)
  })

  it('the agreement gates where the host says so; version, update and licence tell what the host gave', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const kit = {
      eula: { de: 'Lizenz', en: 'Licence' },
      updates: { current: '1.0.0', available: async () => '1.1.0' },
      licensing: { publicKey },
    }
    await using lab = await openLab({ kit, rest: { requireEula: true } })
    expect((await lab.as(undefined)('GET', '/eula')).status).toBe(401)
    expect((await lab.call('GET', '/license')).body).toMatchObject({
      statuscode: 403,
      errors: ['admin has not accepted the license agreement. Read it and accept it first.'],
    })
    expect((await lab.call('GET', '/eula')).body).toEqual({ eulade: 'Lizenz', eulaen: 'Licence' })
    expect((await lab.call('POST', '/eula/accept')).body).toEqual({ msg: 'license agreement accepted' })
    expect(await lab.kit.eula.acceptances()).toMatchObject([{ name: 'admin' }])

    const none = { license: '', customerid: '', virtualmachines: 0, issued: 0, expires: 0, state: 'missing', used: 0 }
    expect((await lab.call('GET', '/license')).body).toEqual(none)
    const [issuedAt, expiresAt] = [Date.UTC(2026, 0), Date.UTC(2126, 0)]
    const license = signLicense(privateKey, { customerId: 'C-17', virtualMachines: 500, issuedAt, expiresAt })
    const terms = { license, customerid: 'C-17', virtualmachines: 500, state: 'valid', used: 0 }
    const times = { issued: issuedAt * 1e6, expires: expiresAt * 1e6 }
    expect((await lab.call('PUT', '/license', { license })).body).toEqual({ ...terms, ...times })
    expect((await lab.call('PUT', '/license', { license: `${license}x` })).body.errors).toEqual([
      expect.stringMatching(/^license: is not a licence/),
    ])
    expect((await lab.call('DELETE', '/license')).body).toEqual({ msg: 'license deleted' })
    expect((await lab.call('GET', '/license')).body).toEqual(none)

    expect((await lab.call('GET', '/version')).body).toEqual({ version: '1.0.0' })
    const available = { currentversion: '1.0.0', availableversion: '1.1.0', updateavailable: true }
    expect((await lab.call('GET', '/update')).body).toEqual({ ...available, scheduled: false })
    expect((await lab.call('POST', '/update')).body).toEqual({ ...available, scheduled: true })
    expect((await lab.call('GET', '/update')).body).toEqual({ ...available, scheduled: true })
  })
})

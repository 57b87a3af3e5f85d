import { type Operations, signLicense } from '@virtkit/core'
import { eachDatabase } from '@virtkit/test-databases'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { admin, openRestLab } from '../rest-lab.ts'
import { documented } from './documented.ts'
import { Replay } from './replay.ts'
import { serveNode } from '../../src/mounts/node.ts'

const keys = generateKeyPairSync('ed25519')
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const terms = { customerId: 'C-17', virtualMachines: 50, issuedAt: Date.now() - 1000, expiresAt: Date.now() + 86_400_000 }
const hash = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/'

/** Waits until nothing is under way: what an answer only accepted has happened then. */
async function idle(operations: Operations): Promise<void> {
  for (const { id } of await operations.list({ ended: false })) await operations.wait(id)
}

eachDatabase((db) => {
  it('a client of the original product finds every operation as its documentation says', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-replay-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const host = {
      licensing: { publicKey },
      eula: { de: 'Deutsch', en: 'English' },
      updates: { available: async () => '99.0.0' },
      logs: { folder },
    }
    await using lab = await openRestLab(await db.options(), { kit: host })
    await using server = await serveNode(lab.rest)
    const replay = new Replay(`${server.url}/rest/v1`)
    const ask = replay.ask.bind(replay)
    const { world } = lab.simulator
    world.addMachine({ name: 'erp', cpus: 1, memoryMiB: 1024, disks: [{ sizeMiB: 10_240, provisioning: 'thin' }] })

    // Who asks
    const login = { grant_type: 'client_credentials', client_id: admin.name, client_secret: admin.password }
    await ask('get /')
    replay.token = (await ask('post /token', login)).access_token
    const second = await ask('get /token', login)
    await ask('post /destroy', { access_token: second.access_token })
    await ask('get /users/current')
    await ask('get /version')
    await ask('get /permissiongroups')
    await ask('get /eula')
    await ask('post /eula/accept')
    await ask('put /license', { license: signLicense(privateKey, terms) })
    expect(await ask('get /license')).toMatchObject({
      customerid: 'C-17',
      virtualmachines: 50,
      expires: terms.expiresAt * 1e6,
    })

    // Users and what they may use
    const user = await ask('post /users', { username: 'ann', password: 'a long password' })
    await ask('put /users/:key/permissions', { key: user.key, permissiongroups: ['user'] })
    await ask('put /users/:key', { key: user.key, username: 'anna', password: 'a longer password' })
    expect(await ask('get /users/:key', { key: user.key })).toMatchObject({ username: 'anna', permissionsgroups: ['user'] })
    await ask('get /users')
    const group = await ask('post /usergroups', { groupname: 'team', users: [user.key] })
    const contingent = { usergroupkey: group.key, cpulimit: 8, memorylimit: '8GB', disclimit: '100GB', vmlimit: 5 }
    const limits = await ask('post /resourcecontingents', contingent)
    await ask('put /resourcecontingents/:key', { key: limits.key, ...contingent, vmlimit: 10 })
    expect(await ask('get /resourcecontingents/:key', { key: limits.key })).toMatchObject({ ...contingent, vmlimit: 10 })
    await ask('get /resourcecontingents')

    // A cluster, and what it has
    const access = { name: 'lab', username: 'root', password: 'secret password', url: lab.simulator.url }
    const credentials = await ask('post /clustercredentials', access)
    await ask('put /clustercredentials/:key', { key: credentials.key, ...access })
    await ask('get /clustercredentials/:key', { key: credentials.key })
    await ask('get /clustercredentials')
    await ask('post /clustercredentials/:key/test', { key: credentials.key, type: 'simulated' })
    const defaults = await ask('post /clusterdefaults', { datastore: 'auto' })
    await ask('put /clusterdefaults/:key', { key: defaults.key })
    await ask('get /clusterdefaults/:key', { key: defaults.key })
    await ask('get /clusterdefaults')
    const urls = { callbackurl: 'https://hooks.example.com/ok', errorcallbackurl: 'https://hooks.example.com/failed' }
    const callback = await ask('post /callbacks', urls)
    await ask('put /callbacks/:key', { key: callback.key, ...urls, notes: 'ours' })
    await ask('get /callbacks/:key', { key: callback.key })
    await ask('get /callbacks')
    const registered = { name: 'lab', credentialskey: credentials.key, type: 'simulated', defaultskey: defaults.key }
    const cluster = await ask('post /clusters', { ...registered, callbacks: [callback.key] })
    await ask('put /clusters/:key', { key: cluster.key, ...registered })
    await ask('get /clusters/:key', { key: cluster.key })
    await ask('get /clusters')
    expect(await ask('get /clusters/:key/datastores', { key: cluster.key })).toHaveLength(2)
    await ask('post /clusters/:key/synchronize', { key: cluster.key })
    const synced = await ask('post /clusters/:key/networksync', { key: cluster.key })
    expect(synced.networkstatus.length).toBeGreaterThan(0)
    await ask('post /clusters/:key/imagesync', { key: cluster.key })
    expect(await ask('get /clusters/:key/import', { key: cluster.key })).toMatchObject([{ name: 'erp', cpu: 1 }])
    const imported = await ask('post /clusters/:key/import', { key: cluster.key, owner: group.key, vmnames: ['erp'] })
    expect(imported).toMatchObject([{ name: 'erp', key: expect.any(Number) }])

    // Networks and presets
    const lan = synced.networkstatus[0]
    const plan = { name: lan.name, cluster: cluster.key, dhcp: false, cidr: '10.20.0.0/24', gateway: '10.20.0.1' }
    await ask('put /networks/:key', { key: lan.key, ...plan, ipreservation: '10.20.0.10-10.20.0.50', dns: '10.20.0.1' })
    await ask('post /networks', { ...plan, name: 'lan-b', cidr: '10.21.0.0/24', gateway: '10.21.0.1' })
    expect(await ask('get /networks/:key', { key: lan.key })).toMatchObject({ ipreservationcidr: '10.20.0.10-10.20.0.50' })
    await ask('get /networks')
    expect(await ask('get /networks/:key/getfreeip', { key: lan.key })).toEqual({ ip: '10.20.0.10' })
    await ask('put /usergroups/:key', {
      key: group.key,
      groupname: 'team',
      users: [user.key],
      networks: [lan.key],
      clusters: [cluster.key],
    })
    expect(await ask('get /usergroups/:key', { key: group.key })).toMatchObject({ clusters: [cluster.key] })
    await ask('get /usergroups')
    const oskey = (await ask('get /operatingsystems')).find((os: { name: string }) => os.name.startsWith('Debian')).key
    await ask('get /operatingsystems/:key', { key: oskey })
    const size = { cpu: 1, ram: '1GB', disc: '10GB', datastore: 'auto', oskey, clusterkey: cluster.key }
    const profile = await ask('post /profiles', { name: 'small', ...size, networks: [lan.key] })
    await ask('put /profiles/:key', { key: profile.key, name: 'smaller', ...size, networks: [lan.key] })
    await ask('get /profiles/:key', { key: profile.key })
    await ask('get /profiles')
    const preset = await ask('post /profiles/:key/createvirtualmachine', {
      key: profile.key,
      owner: group.key,
      name: 'web-1',
    })

    // Machines
    const wanted = { name: 'web-2', owner: group.key, ...size }
    const machine = await ask('post /virtualmachines', wanted)
    expect(machine).toMatchObject({ ...wanted, ram: '1GB', disc: '10GB', deployed: false })
    await ask('put /virtualmachines/:key', { key: machine.key, ...wanted, cpu: 2 })
    const card = await ask('post /virtualmachinenetworks', { vmkey: machine.key, netkey: lan.key })
    expect(card).toMatchObject({ vmkey: machine.key, netkey: lan.key, ip: '10.20.0.11' })
    const domains = { domains: ['example.com'] }
    await ask('put /virtualmachinenetworks/:key', { key: card.key, vmkey: machine.key, netkey: lan.key, ...domains })
    await ask('get /virtualmachinenetworks/:key', { key: card.key })
    await ask('get /virtualmachinenetworks')
    const install = { locale: 'de_DE.UTF-8', keyboard: 'de', password: hash }
    await ask('post /virtualmachines/:key/install', { key: machine.key, ...install })
    const isDeployed = async (): Promise<void> =>
      expect(await ask('get /virtualmachines/:key', { key: machine.key })).toMatchObject({ deployed: true })
    await vi.waitFor(isDeployed, { timeout: 60_000, interval: 200 })
    const { installparameters } = await ask('get /virtualmachines/:key', { key: machine.key })
    expect(await ask('get /virtualmachines/parameter/:key', { key: installparameters })).toMatchObject(install)
    await ask('get /virtualmachines')
    await ask('get /virtualmachines/:key/info', { key: machine.key })
    await idle(lab.kit.operations)
    await ask('post /virtualmachines/:key/poweroff', { key: machine.key })
    await idle(lab.kit.operations)
    await ask('post /virtualmachines/:key/poweron', { key: machine.key })
    await idle(lab.kit.operations)

    // Snapshots
    const vm = { vmkey: machine.key }
    const snapshot = await ask('post /virtualmachines/:vmkey/snapshots', {
      ...vm,
      name: 'before',
      description: 'the update',
    })
    const one = { ...vm, key: snapshot.key }
    await ask('put /virtualmachines/:vmkey/snapshots/:key', { ...one, name: 'fresh' })
    await idle(lab.kit.operations)
    expect(await ask('get /virtualmachines/:vmkey/snapshots/:key', one)).toMatchObject({ name: 'fresh', iscurrent: true })
    await ask('get /virtualmachines/:key/snapshots', { key: machine.key })
    await ask('post /virtualmachines/:vmkey/snapshots/updatehardware', { ...vm, keys: [snapshot.key] })
    await idle(lab.kit.operations)
    await ask('post /virtualmachines/:vmkey/snapshots/:key/restore', one)
    await idle(lab.kit.operations)
    await ask('delete /virtualmachines/:vmkey/snapshots/:key', one)
    await idle(lab.kit.operations)

    // Settings, notices, logs
    await ask('put /setting', { installtimeout: '1h', ignorefilter: ['backup'], loglevelcore: 'debug' })
    expect(await ask('get /setting')).toMatchObject({ installtimeout: 3.6e12, ignorefilter: ['backup'] })
    await ask('delete /setting')
    await ask('put /servicesettings', { service: 'core', loglevel: 'warning' })
    expect(await ask('get /servicesettings')).toMatchObject({ core: 'warning' })
    await ask('put /setting/notification', {
      mailserver: 'mail.example.com',
      mailport: 587,
      username: 'u',
      password: 'p-secret',
    })
    expect(await ask('get /setting/notification')).toMatchObject({ mailserver: 'mail.example.com', mailport: 587 })
    await ask('delete /setting/notification')
    const filter = { type: 'mail', to: 'ops@example.com', userkey: user.key, filter: ['error'] }
    const notice = await ask('post /notificationfilter', filter)
    await ask('put /notificationfilter/:key', { key: notice.key, ...filter, filter: ['error', 'warning'] })
    await ask('get /notificationfilter/:key', { key: notice.key })
    await ask('get /notificationfilter')
    await ask('post /logs', { services: ['core'], pseudonymization: true })
    await ask('get /update')
    await ask('post /update')

    // And away with it, in the order that it allows
    await ask('delete /notificationfilter/:key', { key: notice.key })
    const extra = await ask('post /virtualmachinenetworks', { vmkey: preset.key, netkey: lan.key })
    await ask('delete /virtualmachinenetworks/:key', { key: extra.key, vmkey: preset.key })
    for (const key of [machine.key, preset.key, imported[0].key]) {
      await ask('delete /virtualmachines/:key', { key })
      await idle(lab.kit.operations)
    }
    const backup = await ask('get /backup')
    await ask('delete /profiles/:key', { key: profile.key })
    await ask('post /backup', { backup: new Blob([backup]) })
    // Tokens end with a restore.
    replay.token = (await ask('post /token', login)).access_token
    expect(await ask('get /profiles')).toHaveLength(1)
    await ask('delete /profiles/:key', { key: profile.key })
    await ask('delete /resourcecontingents/:key', { key: limits.key })
    await ask('delete /usergroups/:key', { key: group.key })
    for (const { key } of await ask('get /networks')) await ask('delete /networks/:key', { key })
    await ask('delete /clusters/:key', { key: cluster.key })
    await ask('delete /callbacks/:key', { key: callback.key })
    await ask('delete /clusterdefaults/:key', { key: defaults.key })
    await ask('delete /clustercredentials/:key', { key: credentials.key })
    await ask('delete /users/:key', { key: user.key })
    await ask('delete /license')

    expect(replay.problems).toEqual([])
    expect(replay.count).toBe(documented.length)
    expect(await lab.kit.contingents.verify()).toEqual([])
    expect(world.machines()).toEqual([])
  })
})

import https from 'node:https'
import { buffer } from 'node:stream/consumers'
import { createVirtkit } from '@virtkit/core'
import { vmware } from '@virtkit/driver-vsphere'
import { eachDatabase } from '@virtkit/test-databases'
import { type Vcsim, startVcsim } from '@virtkit/test-vcsim'
import { findVcsimSources } from '@virtkit/test-vcsim/find'
import { readMachines } from '@virtkit/test-vcsim/read-machine'
import { describe, expect, it } from 'vitest'
import { bootServer, encryption } from './lab.ts'

const isPeerMissing = 'missing' in findVcsimSources() && process.env['CI'] === undefined

eachDatabase((db) => {
  describe.skipIf(isPeerMissing)('the main job on vSphere', () => {
    it('installs a machine from a medium on the datastore, snapshots it and deletes it; pyvmomi reads the same', async () => {
      await using vcsim = await startVcsim()
      const kit = await createVirtkit({
        database: await db.options(),
        encryption,
        drivers: [vmware],
        installMedia: bootServer(),
        operations: { pollMs: 100 },
      })
      try {
        const { url, user: username, password } = vcsim
        const cluster = await kit.clusters.add({
          name: 'lab',
          type: 'vmware',
          credentials: { url, username, password },
          options: { ca: vcsim.caCertificate },
        })
        const network = await kit.networks.add({
          name: 'DC0_DVPG0',
          cluster: cluster.key,
          cidr: '10.20.0.0/24',
          reservation: '10.20.0.10-10.20.0.50',
          gateway: '10.20.0.1',
          dns: ['10.20.0.1'],
        })
        const group = await kit.groups.add({ name: 'team-a', networks: [network.key], clusters: [cluster.key] })
        const { key } = await kit.machines.create({
          name: 'web-1',
          owner: group.key,
          cluster: cluster.key,
          networks: [{ network: network.key }],
          cpus: 2,
          memoryMiB: 2048,
          diskMiB: 20_480,
          os: 'debian-12',
        })
        const run = await kit.installs.start(key)
        const ready = kit.installs.whenReady(run.runId)

        const guest = await bootFromMedium(vcsim)
        const [booted] = await readMachines(vcsim, ['web-1'])
        const { networks } = await kit.machines.get(key)
        expect(booted).toMatchObject({ cpus: 2, memoryMiB: 2048, power: 'poweredOn' })
        expect(booted?.nics).toMatchObject([{ mac: networks[0]?.mac, network: 'DC0_DVPG0', addressType: 'manual' }])
        expect(booted?.disks).toMatchObject([{ capacityKiB: 20_480 * 1024 }])
        expect(booted?.cdroms[0]?.iso).toMatch(/^\[LocalDS_0\] isos\/.*\.iso$/)
        await guest.report('installing', 50)
        await guest.report('finishing', 90)
        await expect.poll(async () => (await readMachines(vcsim, ['web-1']))[0]?.cdroms[0]?.iso, slowly).toBeNull()
        await guest.report('ready', 100)
        expect(await ready).toMatchObject({ phase: 'ready', percent: 100 })

        const snapshot = await kit.snapshots.create(key, { name: 'fresh', description: 'größer' })
        expect(snapshot.name).toBe('fresh')
        const [installed] = await readMachines(vcsim, ['web-1'])
        expect(installed?.snapshots).toMatchObject([{ name: 'fresh', description: 'größer', children: [] }])
        expect(installed?.bootOrder[0]).toMatch(/Disk/)

        const removed = await kit.operations.wait((await kit.machines.remove(key)).id)
        expect(removed.error).toBeUndefined()
        expect(await readMachines(vcsim)).toEqual([])
        expect((await vcsim.files('LocalDS_0')).filter((file) => /\.(iso|part)$/.test(file))).toEqual([])
      } finally {
        await kit.close()
      }
      expect(await vcsim.sessions()).toBe(0)
      expect(await vcsim.validateRequests()).toBeGreaterThan(20)
    }, 120_000)
  })
})

const slowly = { interval: 300, timeout: 30_000 }

interface StandInGuest {
  report(phase: string, percent: number): Promise<void>
}

/** What firmware and installer would do: read the script of the medium in the drive, fetch what it names, tell how far it is. */
async function bootFromMedium(vcsim: Vcsim): Promise<StandInGuest> {
  let iso: string | null | undefined
  await expect
    .poll(async () => {
      const [machine] = await readMachines(vcsim, ['web-1'])
      iso = machine?.power === 'poweredOn' ? machine.cdroms[0]?.iso : undefined
      return iso
    }, slowly)
    .toMatch(/\.iso$/)
  const medium = await readFile(vcsim, iso ?? '')
  const [script] = /http:\/\/127\.0\.0\.1:\d+\/boot\/[\w-]+\/script\.ipxe/.exec(medium.toString('latin1')) ?? []
  if (script === undefined) throw new Error('the medium names no script')
  expect((await fetch(script)).status).toBe(200)
  return {
    async report(phase, percent) {
      const body = new URLSearchParams({ phase, percent: String(percent) })
      expect((await fetch(new URL('report', script), { method: 'POST', body })).ok).toBe(true)
    },
  }
}

/** Over the server's door for files, with a login by hand. */
async function readFile(vcsim: Vcsim, file: string): Promise<Buffer> {
  const [, store = '', path = ''] = /^\[([^\]]+)\] (.*)$/.exec(file) ?? []
  const login = (xml: string): Promise<{ cookie: string }> =>
    ask(vcsim, new URL(vcsim.url), { method: 'POST', body: envelope(xml) })
  const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const { cookie } = await login(
    `<Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this><userName>${vcsim.user}</userName>` +
      `<password>${escape(vcsim.password)}</password></Login>`,
  )
  const url = new URL(`/folder/${path}?dcPath=DC0&dsName=${store}`, vcsim.url)
  const { content } = await ask(vcsim, url, { method: 'GET', cookie })
  const logout = envelope('<Logout xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this></Logout>')
  await ask(vcsim, new URL(vcsim.url), { method: 'POST', body: logout, cookie })
  return content
}

function envelope(body: string): string {
  const soap = 'http://schemas.xmlsoap.org/soap/envelope/'
  return `<e:Envelope xmlns:e="${soap}"><e:Body>${body}</e:Body></e:Envelope>`
}

function ask(
  vcsim: Vcsim,
  url: URL,
  { method, body, cookie = '' }: { method: string; body?: string; cookie?: string },
): Promise<{ content: Buffer; cookie: string }> {
  return new Promise((resolve, reject) => {
    const request = https.request(url, { method, ca: vcsim.caCertificate, headers: { cookie }, agent: false }, (answer) => {
      const given = answer.headers['set-cookie']?.map((each) => each.split(';')[0]).join('; ') ?? ''
      buffer(answer).then((content) => resolve({ content, cookie: given }), reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

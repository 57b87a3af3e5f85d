import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Virtkit, createVirtkit } from '@virtkit/core'
import { libvirt } from '@virtkit/driver-libvirt'
import { memoryBootFiles, netboot, readIpxePrograms } from '@virtkit/netboot'
import type { InstallMedia } from '@virtkit/spi'
import { type TestLibvirtd, lacksLibvirt, startLibvirtd } from '@virtkit/test-libvirt'
import { describe, expect, it } from 'vitest'
import { freePort } from './boot/free-port.ts'
import { buildInstaller } from './boot/installer.ts'
import { keepConsole } from './boot/keep-console.ts'
import { WatchedMedia } from './boot/watched-media.ts'
import { type BootPeers, findBootPeers } from './find-boot-peers.ts'

const found = findBootPeers()
const lacks = lacksLibvirt()
const isPeerMissing = ('missing' in found || lacks !== undefined) && process.env.CI === undefined
const pool = '/var/lib/libvirt/disks'
const fourMinutes = 240_000
const slowly = { interval: 250, timeout: 120_000 }

// The whole way, through what a host calls: nothing stands in for firmware, guest, installer, disk or hypervisor.
describe.skipIf(isPeerMissing)('a blank machine on libvirt', () => {
  it('is installed through the kit from its medium under BIOS, once, in under four minutes, and goes without a trace', async () => {
    if ('missing' in found) throw new Error(found.missing)
    await using libvirtd = await startLibvirtd()
    const port = await freePort()
    await using door = await libvirtd.letGuestsReach(port)
    const media = new WatchedMedia(await bootServer(found, port, door.origin))
    await using kit = await createVirtkit({
      database: { sqlite: ':memory:' },
      encryption: { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] },
      drivers: [libvirt],
      installMedia: media,
      operations: { pollMs: 100 },
    })
    const { key } = await putOnPaper(kit, libvirtd)
    const run = await kit.installs.start(key)

    await expect.poll(() => domainNames(libvirtd), slowly).toHaveLength(1)
    const [domain = ''] = await domainNames(libvirtd)
    await keepConsoleOf(libvirtd, domain)
    const { networks } = await kit.machines.get(key)
    const [iso = ''] = filesIn(libvirtd).filter((file) => file.endsWith('.iso'))
    const asInstalled = await libvirtd.virsh('dumpxml', '--inactive', domain)
    expect(asInstalled).toContain(`<mac address='${networks[0]?.mac}'/>`)
    expect(asInstalled).toContain(`<source file='${pool}/${iso}'/>`)
    const medium = readFileSync(libvirtd.outside(`${pool}/${iso}`))
    expect(medium.includes(`set net0/ip ${networks[0]?.ip}\n`)).toBe(true)
    expect(medium.includes('dhcp net0')).toBe(false)
    writeFileSync(libvirtd.outside(leftMedium), medium)

    const installed = await kit.installs.whenReady(run.runId, { signal: AbortSignal.timeout(fourMinutes) })
    expect(installed).toMatchObject({ phase: 'ready', percent: 100 })
    expect(installed.phases.map(({ phase }) => phase)).toEqual(allPhases)
    expect(media.reports).toEqual(expectedReports)

    // The installed system of this installer switches itself off once it is up.
    await isOff(kit, key)
    const [disk = '', ...others] = filesIn(libvirtd)
    expect(others).toEqual([])
    const content = digestOf(libvirtd, disk)

    // Somebody puts the medium in again, as it was: the firmware starts it, and the boot server sends the guest to its disk.
    const again = join(dirname(libvirtd.socket), 'again.xml')
    writeFileSync(again, asInstalled.replace(`${pool}/${iso}`, leftMedium))
    await libvirtd.virsh('define', again)
    const before = media.asked.length
    await kit.operations.wait((await kit.machines.power(key, 'on')).id)
    await keepConsoleOf(libvirtd, domain)
    await isOff(kit, key)
    expect(new Set(media.asked.slice(before))).toEqual(new Set(['boot-disk']))
    expect(media.refused).toEqual(expectedReports.slice(-1))
    expect(media.reports).toEqual(expectedReports)
    expect(digestOf(libvirtd, disk)).toBe(content)

    const removed = await kit.operations.wait((await kit.machines.remove(key)).id)
    expect(removed.error).toBeUndefined()
    expect(await domainNames(libvirtd, '--all')).toEqual([])
    expect(filesIn(libvirtd)).toEqual([])
  }, 300_000)
})

const leftMedium = '/var/lib/libvirt/small/left.iso'
const allPhases = ['planned', 'published', 'booted', 'installing', 'finishing', 'ready']
const expectedReports = [
  { phase: 'booted' },
  { phase: 'installing', percent: 10, detail: 'partitioning' },
  { phase: 'installing', percent: 40, detail: 'copying' },
  { phase: 'installing', percent: 80, detail: 'boot-loader' },
  { phase: 'finishing', percent: 95 },
  { phase: 'ready', detail: 'web-1' },
]

async function bootServer(peers: BootPeers, port: number, publicOrigin: string): Promise<InstallMedia> {
  const { ipxe, isolinux, ldlinux } = peers
  return netboot({
    listen: { host: '127.0.0.1', port },
    publicOrigin,
    bootFiles: memoryBootFiles(buildInstaller(peers)),
    bootPrograms: await readIpxePrograms({ bios: { ipxe: ipxe.bios, isolinux, ldlinux }, uefi: ipxe.uefi }),
  })
}

async function putOnPaper(kit: Virtkit, { url }: TestLibvirtd): Promise<{ key: number }> {
  const cluster = await kit.clusters.add({
    name: 'lab',
    type: 'libvirt',
    credentials: { url },
    options: { accel: 'tcg', userNetwork: 'user' },
  })
  const network = await kit.networks.add({
    name: 'user',
    cluster: cluster.key,
    cidr: '10.0.2.0/24',
    reservation: '10.0.2.77-10.0.2.90',
    gateway: '10.0.2.2',
  })
  const group = await kit.groups.add({ name: 'team-a', networks: [network.key], clusters: [cluster.key] })
  return kit.machines.create({
    name: 'web-1',
    owner: group.key,
    cluster: cluster.key,
    networks: [{ network: network.key }],
    cpus: 1,
    memoryMiB: 1024,
    diskMiB: 4096,
    os: 'debian-12',
  })
}

/** Of those that run, or of all. */
async function domainNames(libvirtd: TestLibvirtd, ...which: readonly '--all'[]): Promise<string[]> {
  return (await libvirtd.virsh('list', '--name', ...which)).split('\n').filter((name) => name !== '')
}

/** A domain that is just starting has no console yet. */
async function keepConsoleOf(libvirtd: TestLibvirtd, domain: string): Promise<void> {
  let terminal = ''
  const find = async (): Promise<string> => (terminal = (await libvirtd.virsh('ttyconsole', domain)).trim())
  await expect.poll(find, slowly).toMatch(/^\/dev\//)
  keepConsole(terminal)
}

function filesIn(libvirtd: TestLibvirtd): string[] {
  return readdirSync(libvirtd.outside(pool))
}

async function isOff(kit: Virtkit, key: number): Promise<void> {
  await expect.poll(async () => (await kit.machines.info(key)).power, slowly).toBe('off')
}

function digestOf(libvirtd: TestLibvirtd, file: string): string {
  return createHash('sha256')
    .update(readFileSync(libvirtd.outside(`${pool}/${file}`)))
    .digest('hex')
}

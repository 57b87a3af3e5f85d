import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Virtkit, createVirtkit } from '@virtkit/core'
import { libvirt } from '@virtkit/driver-libvirt'
import { builtinReleases, mirrorBootFiles, netboot, readIpxePrograms } from '@virtkit/netboot'
import { lacksLibvirt, startLibvirtd } from '@virtkit/test-libvirt'
import { freePort } from '@virtkit/test-databases/free-port'
import { WatchedMedia } from '../boot/watched-media.ts'
import { findBootPeers } from '../find-boot-peers.ts'
import { aptMirror, unpackPackage } from './apt-mirror.ts'
import { renderReport } from './render-report.ts'
import { SerialLine } from './serial-line.ts'
import { serveMirror } from './serve-mirror.ts'

// Installs Debian 12 with debian-installer into a guest of QEMU's, in software, through the kit's public calls, and logs in on its
// serial console with the password that the kit gave. It takes an hour or more: npm run acceptance:debian [-- FILE]
const minutes = 60_000
const longest = 150 * minutes
const { id: os, suite } = { id: 'debian-12', suite: 'bookworm' }

const peers = findBootPeers()
if ('missing' in peers) throw new Error(peers.missing)
const lacks = lacksLibvirt()
if (lacks !== undefined) throw new Error(lacks)

const folder = mkdtempSync(join(tmpdir(), 'virtkit-acceptance-'))
const log = join(folder, 'console.log')
const told = (text: string): void => console.log(`${new Date().toISOString()} ${text}`)
told(`the guest's console goes to ${log}`)

const mirror = await aptMirror(suite)
const images = await unpackPackage('debian-installer-12-netboot-amd64')
await using served = await serveMirror(mirror, join(images, 'usr/lib/debian-installer/images/12/amd64/text'))
await using libvirtd = await startLibvirtd()
await using mirrorDoor = await libvirtd.letGuestsReach(served.port)
const port = await freePort()
await using door = await libvirtd.letGuestsReach(port)

const media = new WatchedMedia(
  netboot({
    listen: { host: '127.0.0.1', port },
    publicOrigin: door.origin,
    // The catalog's Debian 12, from a mirror that the guest reaches.
    releases: builtinReleases.map((each) => (each.id === os ? { ...each, mirror: `${mirrorDoor.origin}/debian` } : each)),
    bootFiles: mirrorBootFiles({
      cacheDirectory: join(folder, 'boot-files'),
      mirrors: { [os]: `http://127.0.0.1:${served.port}/debian` },
      keys: { [os]: armored(readFileSync('/usr/share/keyrings/debian-archive-keyring.gpg')) },
    }),
    bootPrograms: await readIpxePrograms({
      bios: { ipxe: peers.ipxe.bios, isolinux: peers.isolinux, ldlinux: peers.ldlinux },
      uefi: peers.ipxe.uefi,
    }),
  }),
)
await using kit = await createVirtkit({
  database: { sqlite: ':memory:' },
  encryption: { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] },
  drivers: [libvirt],
  installMedia: media,
})
// In software it takes longer than a hypervisor's guests are given.
await kit.settings.update({ installTimeoutMs: longest })
const key = await putOnPaper(kit)
const run = await kit.installs.start(key)
const password = run.password?.reveal() ?? ''

const domain = await eventually(async () =>
  (await libvirtd.virsh('list', '--name')).split('\n').find((name) => name !== ''),
)
const terminal = await eventually(async () => /^\/dev\/\S+/.exec(await libvirtd.virsh('ttyconsole', domain))?.[0])
await using line = new SerialLine(terminal, log)
const watching = setInterval(() => void sayHowFar(), minutes)
let session: string | undefined
let failure: unknown
try {
  await kit.installs.whenReady(run.runId, { signal: AbortSignal.timeout(longest) })
  session = await logIn()
} catch (error) {
  failure = error
} finally {
  clearInterval(watching)
}
const install = await kit.installs.get(run.runId)
const events = await kit.events.list({ subject: `machine/${key}`, limit: 1000 })
const report = renderReport({ install, events, served, session })
const [, , file] = process.argv
if (file === undefined) console.log(report)
else writeFileSync(file, report)
if (failure !== undefined) throw failure
told('passed')
const removed = await kit.operations.wait((await kit.machines.remove(key)).id)
if (removed.error) throw removed.error
for (const each of [folder, images]) rmSync(each, { recursive: true })

/** As somebody at the serial console does. */
async function logIn(): Promise<string> {
  line.type('\n')
  await line.hears(/web-1 login: /, 5 * minutes)
  line.type('root\n')
  await line.hears(/Password: /, minutes)
  line.type(`${password}\n`)
  await line.hears(/root@web-1:~# /, 2 * minutes)
  line.type(
    'export PS1="virtkit-$((40 + 2))> "; cat /etc/debian_version; uname -sr; id -un; tty; df -h --output=size,used,target /\n',
  )
  return line.hears(/\/dev\/tty[^]*virtkit-42> /, 2 * minutes)
}

async function putOnPaper(into: Virtkit): Promise<number> {
  const cluster = await into.clusters.add({
    name: 'lab',
    type: 'libvirt',
    credentials: { url: libvirtd.url },
    options: { accel: 'tcg', userNetwork: 'user' },
  })
  const network = await into.networks.add({
    name: 'user',
    cluster: cluster.key,
    cidr: '10.0.2.0/24',
    reservation: '10.0.2.77-10.0.2.90',
    // Mirror and boot server are its neighbours, and all that it reaches.
    isolated: true,
  })
  const group = await into.groups.add({ name: 'team-a', networks: [network.key], clusters: [cluster.key] })
  const machine = await into.machines.create({
    name: 'web-1',
    owner: group.key,
    cluster: cluster.key,
    networks: [{ network: network.key }],
    cpus: 1,
    memoryMiB: 1024,
    diskMiB: 4096,
    os,
  })
  return machine.key
}

/** RFC 4880, 6.2, without its checksum, which is optional. */
function armored(keyring: Buffer): string {
  const block = 'PGP PUBLIC KEY BLOCK-----'
  return `-----BEGIN ${block}\n\n${keyring.toString('base64')}\n-----END ${block}\n`
}

async function sayHowFar(): Promise<void> {
  const { phase, percent, detail } = await kit.installs.get(run.runId)
  told(`${phase} ${percent} % ${detail ?? ''}; ${(served.bytes / 2 ** 20).toFixed(0)} MiB from the mirror`)
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await look().catch(() => undefined)
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('there is no guest after two minutes')
}

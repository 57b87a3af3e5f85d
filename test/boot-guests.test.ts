import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenNetboot, memoryBootFiles, netboot, readIpxePrograms } from '@virtkit/netboot'
import { type Firmware, type InstallPlan, Secret } from '@virtkit/spi'
import { type TestContext, describe, expect, it } from 'vitest'
import { freePort } from './boot/free-port.ts'
import { Guest, type GuestOptions } from './boot/guest.ts'
import { buildInstaller } from './boot/installer.ts'
import { OneRun } from './boot/one-run.ts'
import { type BootPeers, findBootPeers } from './find-boot-peers.ts'

const found = findBootPeers()
const call = { signal: new AbortController().signal }
const token = 'run-0123456789abcdef'

// A blank machine becomes an installed one, for real, with everything that a guest asks for. From its medium under BIOS it does so in
// `install-on-libvirt.test.ts`.
describe.concurrent('a blank machine under QEMU', () => {
  if ('missing' in found) {
    // oxlint-disable-next-line vitest/expect-expect -- it says why there are no others
    it('installs itself', (test) => test.skip(found.missing))
    return
  }

  it('installs itself from its medium with a static address under UEFI', async ({ onTestFinished }) => {
    const { desk, media, start, folder } = await prepare(found, planOf('medium', 'uefi', true), onTestFinished)
    const medium = join(folder, 'medium.iso')
    const { content } = await media.medium(desk.plan, token, call)
    const chunks: Uint8Array[] = []
    for await (const chunk of content()) chunks.push(chunk)
    writeFileSync(medium, Buffer.concat(chunks))

    const console = await start({ firmware: 'uefi', medium })
    expect(desk.reports).toEqual(expectedReports('medium'))
    expect(console).toContain('the installed system of medium is up')
  }, 150_000)

  it('installs itself from the network: script by TFTP, the rest by HTTP, its address by DHCP', async ({
    onTestFinished,
  }) => {
    const { desk, media, start } = await prepare(found, planOf('network', 'bios', false), onTestFinished)
    const bootFile = `tftp://10.0.2.2:${media.tftpPort}/boot/${token}/script.ipxe`
    const console = await start({ firmware: 'bios', bootFile })
    expect(desk.reports).toEqual(expectedReports('network'))
    expect(console).toContain('the installed system of network is up')
  }, 150_000)
})

const expectedReports = (name: string): unknown[] => [
  { phase: 'booted' },
  { phase: 'installing', percent: 10, detail: 'partitioning' },
  { phase: 'installing', percent: 40, detail: 'copying' },
  { phase: 'installing', percent: 80, detail: 'boot-loader' },
  { phase: 'finishing', percent: 95 },
  { phase: 'ready', detail: name },
]

function planOf(hostname: string, firmware: Firmware, hasAddress: boolean): InstallPlan {
  const address = { address: '10.0.2.77', prefix: 24, gateway: '10.0.2.2' }
  const network = { mac: '52:54:00:12:34:56', dns: [], searchDomains: [], isolated: false }
  return {
    runId: 'run-1',
    machine: { name: hostname, firmware, diskMiB: 256 },
    os: 'debian-12',
    hostname,
    networks: [hasAddress ? { ...network, static: address } : network],
    locale: 'en_US.UTF-8',
    keyboard: 'us',
    timezone: 'UTC',
    rootPasswordHash: new Secret('$6$saltsalt$0123456789abcdefghijklmnopqrstuvwxyz./ABCDEF'),
    sshKeys: [],
    packages: [],
  }
}

interface Prepared {
  readonly desk: OneRun
  readonly media: OpenNetboot
  readonly folder: string
  /** Switches the machine on and waits until it has switched itself off; answers what its console showed. */
  start(how: Pick<GuestOptions, 'firmware' | 'medium' | 'bootFile'>): Promise<string>
}

async function prepare(
  peers: BootPeers,
  plan: InstallPlan,
  onTestFinished: TestContext['onTestFinished'],
): Promise<Prepared> {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-guest-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { ipxe, isolinux, ldlinux } = peers
  const desk = new OneRun(token, plan)
  const port = await freePort()
  const media = await netboot({
    listen: { host: '127.0.0.1', port },
    publicOrigin: `http://10.0.2.2:${port}`,
    bootFiles: memoryBootFiles(buildInstaller(peers)),
    bootPrograms: await readIpxePrograms({ bios: { ipxe: ipxe.bios, isolinux, ldlinux }, uefi: ipxe.uefi }),
    tftp: { port: 0 },
  }).open(desk, call)
  onTestFinished(() => media[Symbol.asyncDispose]())
  const start: Prepared['start'] = async (how) => {
    const guest = Guest.start({ peers, folder, ...how })
    onTestFinished(async ({ task }) => {
      await guest[Symbol.asyncDispose]()
      if (task.result?.state === 'fail')
        process.stderr.write(`the guest's console:\n${guest.console}\n${JSON.stringify(desk.reports)}\n`)
    })
    await guest.off()
    return guest.console
  }
  return { desk, media, folder, start }
}

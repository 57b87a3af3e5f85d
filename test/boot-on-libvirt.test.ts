import { fileURLToPath } from 'node:url'
import { lacksLibvirt, startLibvirtd } from '@virtkit/test-libvirt'
import { describe, expect, it } from 'vitest'
import { allPhases, expectedReports, openKit, putOnPaper } from './boot/blank-machine.ts'
import { bootServer } from './boot/boot-server.ts'
import { freePort } from './boot/free-port.ts'
import type { InstalledByPxe } from './boot/install-by-pxe.ts'
import { domainNames, filesIn, keepConsoleOf, slowly, userNetwork } from './boot/on-libvirtd.ts'
import { addPxeNetwork } from './boot/pxe-network.ts'
import { WatchedMedia } from './boot/watched-media.ts'
import { findBootPeers } from './find-boot-peers.ts'

const found = findBootPeers()
const lacks = lacksLibvirt()
const isPeerMissing = ('missing' in found || lacks !== undefined) && process.env.CI === undefined
const fourMinutes = 240_000

// The other two ways to boot, by what a host calls. From its medium under BIOS, and what becomes of it then: `install-on-libvirt.test.ts`.
describe.skipIf(isPeerMissing)('a blank machine on libvirt', () => {
  it('is installed through the kit from its medium under UEFI', async () => {
    if ('missing' in found) throw new Error(found.missing)
    await using libvirtd = await startLibvirtd()
    const port = await freePort()
    await using door = await libvirtd.letGuestsReach(port)
    const listen = { host: '127.0.0.1', port }
    const media = new WatchedMedia(await bootServer(found, { listen, publicOrigin: door.origin }))
    await using kit = await openKit(media)
    const { key } = await putOnPaper(kit, userNetwork(libvirtd), 'uefi')
    const run = await kit.installs.start(key)
    await expect.poll(() => domainNames(libvirtd), slowly).toHaveLength(1)
    const [domain = ''] = await domainNames(libvirtd)
    await keepConsoleOf(libvirtd, domain)
    expect(await libvirtd.virsh('dumpxml', domain)).toMatch(/<loader [^>]*type='pflash'/)

    const installed = await kit.installs.whenReady(run.runId, { signal: AbortSignal.timeout(fourMinutes) })
    expect(installed.phases.map(({ phase }) => phase)).toEqual(allPhases)
    expect(media.reports).toEqual(expectedReports)
  }, 300_000)

  it('is installed through the kit from the network: DHCP tells it where, TFTP has the script, HTTP the rest', async () => {
    await using libvirtd = await startLibvirtd()
    const place = await addPxeNetwork(libvirtd)
    const script = fileURLToPath(new URL('boot/install-by-pxe.ts', import.meta.url))
    const words = ['--conditions=@virtkit/source', script, JSON.stringify(place)]
    const said = JSON.parse(await libvirtd.inside(process.execPath, ...words)) as InstalledByPxe
    expect(said.phases).toEqual(allPhases)
    expect(said.reports).toEqual(expectedReports)
    // It asked by its card once: its disk boots by itself afterwards.
    expect(said.cards).toEqual([said.mac])
    expect(new Set(said.asked)).toEqual(new Set(['install']))
    expect(await domainNames(libvirtd, '--all')).toEqual([])
    expect(filesIn(libvirtd)).toEqual([])
  }, 300_000)
})

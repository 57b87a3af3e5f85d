import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Virtkit } from '@virtkit/core'
import { type TestLibvirtd, lacksLibvirt, startLibvirtd } from '@virtkit/test-libvirt'
import { describe, expect, it } from 'vitest'
import { allPhases, expectedReports, openKit, putOnPaper } from './boot/blank-machine.ts'
import { bootServer } from './boot/boot-server.ts'
import { freePort } from '@virtkit/test-databases/free-port'
import { domainNames, filesIn, keepConsoleOf, pool, slowly, userNetwork } from './boot/on-libvirtd.ts'
import { WatchedMedia } from './boot/watched-media.ts'
import { findBootPeers } from './find-boot-peers.ts'

const found = findBootPeers()
const lacks = lacksLibvirt()
const isPeerMissing = ('missing' in found || lacks !== undefined) && process.env.CI === undefined
const fourMinutes = 240_000

// The whole way, through what a host calls: nothing stands in for firmware, guest, installer, disk or hypervisor.
describe.skipIf(isPeerMissing)('a blank machine on libvirt', () => {
  it('is installed through the kit from its medium under BIOS, once, in under four minutes, and goes without a trace', async () => {
    if ('missing' in found) throw new Error(found.missing)
    await using libvirtd = await startLibvirtd()
    const port = await freePort()
    await using door = await libvirtd.letGuestsReach(port)
    const listen = { host: '127.0.0.1', port }
    const media = new WatchedMedia(await bootServer(found, { listen, publicOrigin: door.origin }))
    await using kit = await openKit(media)
    const { key } = await putOnPaper(kit, userNetwork(libvirtd), 'bios')
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
    expect(others).toEqual([expect.stringMatching(/-console\.log$/)])
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

async function isOff(kit: Virtkit, key: number): Promise<void> {
  await expect.poll(async () => (await kit.machines.info(key)).power, slowly).toBe('off')
}

function digestOf(libvirtd: TestLibvirtd, file: string): string {
  return createHash('sha256')
    .update(readFileSync(libvirtd.outside(`${pool}/${file}`)))
    .digest('hex')
}

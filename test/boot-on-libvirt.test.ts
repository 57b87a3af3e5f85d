import { fileURLToPath } from 'node:url'
import { type TestLibvirtd, lacksLibvirt, startLibvirtd } from '@virtkit/test-libvirt'
import { describe, expect, it } from 'vitest'
import { allPhases, expectedReports } from './boot/blank-machine.ts'
import type { InsideInput, InsideOutput } from './boot/install-inside.ts'
import { addPxeNetwork, addSixNetwork } from './boot/networks-inside.ts'
import { domainNames, filesIn } from './boot/on-libvirtd.ts'
import { findBootPeers } from './find-boot-peers.ts'

const found = findBootPeers()
const lacks = lacksLibvirt()
const isPeerMissing = ('missing' in found || lacks !== undefined) && process.env.CI === undefined

// The other ways to boot, by what a host calls. From its medium under BIOS, and what becomes of it then: `install-on-libvirt.test.ts`.
describe.skipIf(isPeerMissing)('a blank machine on libvirt', () => {
  it('is installed through the kit from the network: DHCP tells it where, TFTP has the script, HTTP the rest', async () => {
    await using libvirtd = await startLibvirtd()
    const place = await addPxeNetwork(libvirtd)
    const said = await installInside(libvirtd, { place, firmware: 'bios', boot: 'network' })
    expect(said.phases).toEqual(allPhases)
    expect(said.reports).toEqual(expectedReports)
    // It asked by its card once: its disk boots by itself afterwards.
    expect(said.cards).toEqual([said.mac])
    expect(new Set(said.asked)).toEqual(new Set(['install']))
    expect(await domainNames(libvirtd, '--all')).toEqual([])
    expect(filesIn(libvirtd)).toEqual([])
  }, 300_000)

  it('is installed through the kit from its medium under UEFI in a network that has IPv6 only', async () => {
    await using libvirtd = await startLibvirtd()
    const place = await addSixNetwork(libvirtd)
    const said = await installInside(libvirtd, { place, firmware: 'uefi', boot: 'medium' })
    expect(said.ip).toBe('fd00:9::77')
    expect(said.phases).toEqual(allPhases)
    expect(said.reports).toEqual(expectedReports)
  }, 300_000)
})

/** A process in the network of the guests does it. */
async function installInside(libvirtd: TestLibvirtd, input: InsideInput): Promise<InsideOutput> {
  const script = fileURLToPath(new URL('boot/install-inside.ts', import.meta.url))
  const words = ['--conditions=@virtkit/source', script, JSON.stringify(input)]
  return JSON.parse(await libvirtd.inside(process.execPath, ...words)) as InsideOutput
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { releaseUrls } from '../plan/guest-urls.ts'
import { catalog, plainPlan, richPlan, urls, withAddress } from '../../test/plans.ts'
import { parsePlan } from '../plan/plan-values.ts'
import { renderDiskScript } from './disk-script.ts'
import { renderInstallScript } from './install-script.ts'
import { renderKernelArguments } from './kernel-arguments.ts'
import { renderMediumScript } from './medium-script.ts'
import { renderReleaseMediumScript, renderReleaseScript } from './release-scripts.ts'

const debian = catalog.find('debian-12')!

test.each(['debian-12', 'rocky-9', 'ubuntu-24.04', 'ubuntu-22.04'])(
  'the install script of %s is as reviewed',
  async (id) => {
    const release = catalog.find(id)!
    await expect(renderInstallScript(parsePlan(richPlan, release), release, urls)).toMatchFileSnapshot(
      `../../test/golden/${id}-rich.install.ipxe`,
    )
    await expect(renderInstallScript(parsePlan(plainPlan, release), release, urls)).toMatchFileSnapshot(
      `../../test/golden/${id}-plain.install.ipxe`,
    )
  },
)

test.each([
  ['static', richPlan],
  ['dhcp', plainPlan],
  ['six', withAddress('2001:db8::5', 64, 'fe80::1')],
] as const)('the medium script of a machine with %s addresses is as reviewed', async (name, plan) => {
  await expect(renderMediumScript(parsePlan(plan, debian).networks[0], urls)).toMatchFileSnapshot(
    `../../test/golden/${name}.medium.ipxe`,
  )
})

test('an isolated machine has no gateway on its medium nor in its installer', () => {
  const networks = [{ ...richPlan.networks[0]!, isolated: true }]
  const values = parsePlan({ ...richPlan, networks }, debian)
  expect(renderMediumScript(values.networks[0], urls)).not.toContain('gateway')
  const install = renderInstallScript(values, debian, urls)
  expect(install).toContain(' netcfg/get_gateway=none ')
})

test('a machine that is installed goes on to its disk, by the way of its firmware', () => {
  expect(renderDiskScript('bios')).toContain('sanboot --no-describe --drive 0x80 || exit 1\n')
  expect(renderDiskScript('uefi')).toMatch(/\nexit 1\n$/)
})

describe('kernel arguments', () => {
  test('are written in order, with spaces between quotes', () => {
    const args = [['auto', 'true'], ['quiet'], ['ds', 'nocloud;s=http://a/b/'], ['dns', '1.1.1.1 8.8.8.8']] as const
    expect(renderKernelArguments(args)).toBe('auto=true quiet ds=nocloud;s=http://a/b/ dns="1.1.1.1 8.8.8.8"')
  })

  test('never hold a word that iPXE would take for the end of the command, a comment or a setting', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('||', '&&', ';', '#', '${', '}', '\n', ' ', '"', 'a'))
    const text = fc.array(piece).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, text, (name, value) => {
        let line: string
        try {
          line = renderKernelArguments([[name, value]])
        } catch {
          return
        }
        expect(line).not.toMatch(/[\n\r$\\`]/)
        for (const word of line.split(' ')) expect(word).toMatch(/^[A-Za-z0-9]/)
      }),
      { numRuns: 2000 },
    )
  })

  test.each(['a || reboot', 'a && reboot', '${net0/mac}', 'a\nreboot', 'a "b', '# x', 'a ;'])('refuse %j', (value) => {
    expect(() => renderKernelArguments([['x', value]])).toThrow('cannot be written')
  })
})

test.each(['debian-12', 'rocky-9', 'rhel-9', 'ubuntu-24.04'])(
  'the scripts to install %s by hand are as reviewed',
  async (id) => {
    const release = catalog.find(id)!
    const origin = 'http://boot.example.test:8080'
    await expect(renderReleaseScript(release, releaseUrls(origin, id))).toMatchFileSnapshot(
      `../../test/golden/${id}.by-hand.ipxe`,
    )
    expect(renderReleaseMediumScript(release, origin)).toContain(`chain --replace ${origin}/release/${id}/script.ipxe ||`)
  },
)

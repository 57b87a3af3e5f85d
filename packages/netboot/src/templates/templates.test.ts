import { execFileSync } from 'node:child_process'
import { type InstallPlan, isVirtkitError } from '@virtkit/spi'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainPlan, releaseOf, richPlan, urls, withAddress } from '../../test/plans.ts'
import { renderAutoinstall } from './autoinstall.ts'
import { renderFirstBootScript, renderFirstBootUnit } from './first-boot.ts'
import { renderInstallerHooks } from './installer-hooks.ts'
import { renderKickstart } from './kickstart.ts'
import { renderPreseed } from './preseed.ts'

const debian = releaseOf('preseed', 'debian-12')
const rocky = releaseOf('kickstart', 'rocky-9')
const ubuntu = releaseOf('autoinstall', 'ubuntu-24.04')
const plans: readonly (readonly [string, InstallPlan])[] = [
  ['rich', richPlan],
  ['plain', plainPlan],
]

describe('answer files are as reviewed', () => {
  test.each(plans)('preseed of a %s plan', async (name, plan) => {
    await expect(renderPreseed(plan, debian, urls)).toMatchFileSnapshot(`../../test/golden/debian-12-${name}.preseed.cfg`)
    await expect(renderFirstBootScript(plan, debian, urls)).toMatchFileSnapshot(
      `../../test/golden/debian-12-${name}.first-boot.sh`,
    )
  })

  test.each(plans)('kickstart of a %s plan', async (name, plan) => {
    await expect(renderKickstart(plan, rocky, urls)).toMatchFileSnapshot(`../../test/golden/rocky-9-${name}.ks.cfg`)
    await expect(renderKickstart(plan, releaseOf('kickstart', 'fedora-43'), urls)).toMatchFileSnapshot(
      `../../test/golden/fedora-43-${name}.ks.cfg`,
    )
  })

  test('kickstart of a plan with IPv6', async () => {
    const six = withAddress('2001:db8::5', 64, 'fe80::1')
    await expect(renderKickstart(six, rocky, urls)).toMatchFileSnapshot('../../test/golden/rocky-9-six.ks.cfg')
  })

  test.each(plans)('autoinstall of a %s plan', async (name, plan) => {
    const files = renderAutoinstall(plan, ubuntu, urls)
    await expect(files.userData).toMatchFileSnapshot(`../../test/golden/ubuntu-24.04-${name}.user-data`)
    await expect(files.metaData).toMatchFileSnapshot(`../../test/golden/ubuntu-24.04-${name}.meta-data`)
    await expect(renderFirstBootScript(plan, ubuntu, urls)).toMatchFileSnapshot(
      `../../test/golden/ubuntu-24.04-${name}.first-boot.sh`,
    )
  })

  test('what is the same for all', async () => {
    await expect(renderFirstBootUnit()).toMatchFileSnapshot('../../test/golden/first-boot.service')
    await expect(renderInstallerHooks(urls)).toMatchFileSnapshot('../../test/golden/installer-hooks.sh')
  })
})

test('every script is one that a shell can read', () => {
  const scripts = [
    renderFirstBootScript(richPlan, debian, urls),
    renderFirstBootScript(richPlan, rocky, urls),
    renderInstallerHooks(urls),
    ...commandsOfPreseed(renderPreseed(richPlan, debian, urls)),
    ...[...renderKickstart(richPlan, rocky, urls).matchAll(/^%(?:pre|pre-install|post.*|onerror)\n([^]*?)^%end/gm)].map(
      (match) => match[1] ?? '',
    ),
  ]
  expect(scripts).toHaveLength(10)
  for (const input of scripts) execFileSync('/bin/sh', ['-n'], { input })
})

describe('no value of a plan adds a line or a command', () => {
  // Pieces that end a word, a line or a command in one of the languages, among ordinary text.
  const hostile = fc
    .array(
      fc.oneof(
        fc.string(),
        fc.constantFrom('\n', '\r\n', "'", '"', '\\', '$(id)', '`', ';', '&&', '%end', '${x}', ' ', '#', ': '),
      ),
    )
    .map((parts) => parts.join(''))
  const key = `ssh-ed25519 ${'A'.repeat(68)}`
  const change: fc.Arbitrary<Partial<InstallPlan>> = fc.oneof(
    ...(['hostname', 'domain', 'locale', 'keyboard', 'timezone', 'mirror', 'trace', 'runId'] as const).map((field) =>
      hostile.map((text) => ({ [field]: text })),
    ),
    hostile.map((text) => ({ packages: ['nginx', text] })),
    hostile.map((text) => ({ sshKeys: [`${key} ${text}`] })),
    hostile.map((text) => ({
      networks: [{ ...richPlan.networks[0]!, searchDomains: [text, 'internal.test'] }, ...richPlan.networks.slice(1)],
    })),
  )
  // A package may add its own line to a kickstart, as it is meant to.
  const renderers: readonly (readonly [string, (plan: InstallPlan) => string, linesPerPackage: number])[] = [
    ['preseed', (plan) => renderPreseed(plan, debian, urls), 0],
    ['kickstart', (plan) => renderKickstart(plan, rocky, urls), 0],
    ['autoinstall', (plan) => renderAutoinstall(plan, ubuntu, urls).userData, 0],
    ['first boot', (plan) => renderFirstBootScript(plan, debian, urls), 0],
  ]

  test.each(renderers)('%s: hostile text is refused by field or stays one value', (_, render) => {
    const lines = (text: string): number => text.split(/[\n\r\u2028\u2029\x85]/).length
    const usual = lines(render(richPlan))
    let refused = 0
    let taken = 0
    fc.assert(
      fc.property(change, (part) => {
        try {
          expect(lines(render({ ...richPlan, ...part }))).toBe(usual)
          taken += 1
        } catch (error) {
          if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
          expect(error.details.problems.every((problem) => Object.keys(part)[0] === problem.field.split(/[.[]/)[0])).toBe(
            true,
          )
          refused += 1
        }
      }),
      { numRuns: 400 },
    )
    expect(refused).toBeGreaterThan(0)
    expect(taken).toBeGreaterThan(0)
  })

  test('a hostile key comment reaches the late command as one word', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const sshKeys = [`${key} ${text}`]
        let preseed: string
        try {
          preseed = renderPreseed({ ...richPlan, sshKeys }, debian, urls)
        } catch {
          return
        }
        const late = commandsOfPreseed(preseed).find((command) => command.includes('authorized_keys')) ?? ''
        const printf = late
          .split(' && ')
          .slice(1, -7)
          .join(' && ')
          .replace(/ > \/target[^>]*$/, '')
        expect(execFileSync('/bin/sh', ['-c', printf], { encoding: 'utf8' })).toBe(`${sshKeys[0]}\n`)
      }),
      { numRuns: 40 },
    )
  })
})

test('the password hash is in the answer file and the token in every report', () => {
  const hash = richPlan.rootPasswordHash.reveal()
  for (const text of [
    renderPreseed(richPlan, debian, urls),
    renderKickstart(richPlan, rocky, urls),
    renderAutoinstall(richPlan, ubuntu, urls).userData,
  ]) {
    expect(text).toContain(hash)
    expect(text).toContain(urls.report)
    expect(text).toContain('phase=finishing')
  }
})

function commandsOfPreseed(text: string): string[] {
  return [...text.matchAll(/^d-i \S+_command string (.*)$/gm)].map((match) => match[1] ?? '')
}

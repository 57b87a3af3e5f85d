import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type InstallPlan, Secret, isVirtkitError } from '@virtkit/spi'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse as parseYaml, stringify } from 'yaml'
import { renderAutoinstall } from '../src/templates/autoinstall.ts'
import { renderAutoyast } from '../src/templates/autoyast.ts'
import { renderFirstBootScript } from '../src/templates/first-boot.ts'
import { renderPreseed } from '../src/templates/preseed.ts'
import { renderUnattend } from '../src/templates/unattend.ts'
import { plainPlan, releaseOf, richPlan, urls } from './plans.ts'

const has = (path: string) => ({ skip: !existsSync(path) })
const [first, ...others] = richPlan.networks
/** Both IP versions, routes and volumes, besides everything else. */
const fullPlan: InstallPlan = {
  ...richPlan,
  diskLayout: 'lvm',
  networks: [
    {
      ...first!,
      static6: { address: '2001:db8::11', prefix: 64, gateway: 'fe80::1' },
      routes: [
        { to: '10.99.0.0/16', via: '10.20.0.3' },
        { to: '2001:db8:9::/48', via: '2001:db8::3' },
      ],
    },
    ...others,
  ],
}
const plans: readonly (readonly [string, InstallPlan])[] = [
  ['plain', plainPlan],
  ['rich', richPlan],
  ['full', fullPlan],
]
const windows = { administratorPassword: new Secret('S3cret'), timeZone: 'W. Europe Standard Time' }

describe("the installers' own checkers take what we write", () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'virtkit-answers-'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const written = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }

  test.each(plans)('debconf the preseed file of a %s plan', has('/usr/bin/debconf-set-selections'), async (_, plan) => {
    const check = (path: string): string => run('/usr/bin/debconf-set-selections', ['-c', path])
    expect(check(await written('preseed.cfg', renderPreseed(plan, releaseOf('preseed', 'debian-12'), urls)))).toBe('')
    expect(check(await written('wrong.cfg', 'd-i no/type\n'))).toMatch(/./)
  })

  test('cloud-init the user-data', has('/usr/bin/cloud-init'), async () => {
    const check = (path: string): string => run('/usr/bin/cloud-init', ['schema', '--config-file', path])
    const { userData } = renderAutoinstall(fullPlan, releaseOf('autoinstall', 'ubuntu-24.04'), urls)
    expect(check(await written('user-data', userData))).toMatch(/Valid cloud-config/)
    const installed = parseYaml(userData).autoinstall['user-data'] as object
    expect(check(await written('installed', `#cloud-config\n${stringify(installed)}`))).toMatch(/Valid cloud-config/)
    expect(check(await written('wrong', '#cloud-config\nusers: 5\n'))).not.toMatch(/Valid cloud-config/)
  })

  test.each(plans)('xmllint the XML of a %s plan', has('/usr/bin/xmllint'), async (_, plan) => {
    const texts = [
      renderAutoyast(plan, releaseOf('autoyast', 'opensuse-leap-15.6'), urls),
      renderUnattend({ ...plan, diskLayout: 'plain' }, releaseOf('unattend', 'windows-server-2025'), urls, windows)
        .autounattend,
    ]
    for (const text of texts) {
      expect(run('/usr/bin/xmllint', ['--noout', '--nonet', await written('answers.xml', text)])).toBe('')
    }
    expect(run('/usr/bin/xmllint', ['--noout', await written('wrong.xml', '<a>&b</a>')])).toMatch(/./)
  })
})

test.each([
  ['debian-12', 'preseed'],
  ['rocky-9', 'kickstart'],
] as const)('the first boot of %s sets what its installer could not', (id, installer) => {
  const script = renderFirstBootScript(fullPlan, releaseOf(installer, id), urls)
  execFileSync('/bin/sh', ['-n'], { input: script })
  for (const route of fullPlan.networks[0]!.routes!) expect(script).toContain(route.via)
})

describe('Windows', () => {
  const fields = (plan: Partial<InstallPlan>, settings: object): string[] => {
    try {
      const all = { ...windows, ...settings }
      renderUnattend({ ...richPlan, ...plan }, releaseOf('unattend', 'windows-server-2022'), urls, all)
      return []
    } catch (error) {
      if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
      expect(error.message).not.toContain('\n-secret')
      return error.details.problems.map(({ field }) => field)
    }
  }

  test.each([
    [{}, {}, []],
    [{}, { timeZone: undefined }, ['timeZone']],
    [{ timezone: 'Etc/UTC' }, { timeZone: undefined }, []],
    [{}, { timeZone: '"; calc' }, ['timeZone']],
    [{}, { administratorPassword: new Secret('a\n-secret') }, ['administratorPassword']],
    [{}, { productKey: 'ABCDE' }, ['productKey']],
    [{}, { imageName: '<x>' }, ['imageName']],
    [{ hostname: 'sixteen-letters-x' }, {}, ['hostname']],
    [{ diskLayout: 'lvm' as const }, {}, ['diskLayout']],
  ])('takes or refuses by field (%#)', (plan, settings, expected) => {
    expect(fields(plan, settings)).toEqual(expected)
  })
})

/** What a program says on both streams, whatever its status. */
function run(program: string, args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    if (stdout === undefined && stderr === undefined) throw error
    return `failed: ${stdout}${stderr}`
  }
}

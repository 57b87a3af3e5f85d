import { gunzipSync } from 'node:zlib'
import { type OpenInstallMedia, Secret } from '@virtkit/spi'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  memoryBootFiles,
  netboot,
  renderAlpineAnswers,
  renderAutoyast,
  renderInstallerConfig,
  renderUnattend,
} from '../src/index.ts'
import { FakeDesk } from './fake-desk.ts'
import { plainPlan, releaseOf, richPlan, urls } from './plans.ts'

const token = 'token-0123456789abcdef'
const call = { signal: new AbortController().signal }
let desk: FakeDesk
let media: OpenInstallMedia

beforeEach(async () => {
  desk = new FakeDesk(token, richPlan)
  const bootFiles = memoryBootFiles({ kernel: Buffer.from('kernel'), initrd: Buffer.from('initrd') })
  media = await netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles }).open(desk, call)
})
afterEach(() => media[Symbol.asyncDispose]())

test.each([
  ['debian-13', /url=(\S+)/, '#_preseed_V1'],
  ['ubuntu-20.04', /url=(\S+)/, '#_preseed_V1'],
  ['rocky-10', /inst\.ks=(\S+)/, '# Written by Virtkit.'],
  ['oracle-9', /inst\.ks=(\S+)/, '# Written by Virtkit.'],
  ['ubuntu-26.04', /ds=nocloud;s=(\S+)/, '#cloud-config'],
  ['opensuse-tumbleweed', /autoyast=(\S+)/, '<?xml version="1.0"'],
  ['alpine-3.23', /apkovl=(\S+)/, 'etc/.default_boot_services'],
])('the installer of %s is told where its answers are, and gets them there', async (os, pattern, beginning) => {
  desk.plan = { ...richPlan, os }
  expect((await media.medium(desk.plan, token, call)).sizeBytes).toBeGreaterThan(0)
  const script = await (await fetch(`${media.origin}/boot/${token}/script.ipxe`)).text()
  const [, address] = pattern.exec(script)!
  const answer = await fetch(address!.endsWith('/') ? `${address}user-data` : address!)
  expect(answer.status).toBe(200)
  const bytes = Buffer.from(await answer.arrayBuffer())
  const text = (address!.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  expect(text.startsWith(beginning)).toBe(true)
  expect(text).toContain(`${media.origin}/boot/${token}/report`)
})

const windows = { administratorPassword: new Secret('S3cret'), timeZone: 'W. Europe Standard Time' }
test.each([
  ['rich', { ...richPlan, diskLayout: 'plain' as const }],
  ['plain', plainPlan],
])('the answers of a %s plan are as reviewed', async (name, plan) => {
  const golden = (file: string): string => `golden/${file}`
  await expect(renderAutoyast(plan, releaseOf('autoyast', 'opensuse-leap-15.6'), urls)).toMatchFileSnapshot(
    golden(`opensuse-leap-15.6-${name}.xml`),
  )
  await expect(renderAlpineAnswers(plan, releaseOf('alpine', 'alpine-3.22'))).toMatchFileSnapshot(
    golden(`alpine-3.22-${name}.answers`),
  )
  await expect(renderInstallerConfig(plan, releaseOf('bsdinstall', 'freebsd-14.3'), urls)).toMatchFileSnapshot(
    golden(`freebsd-14.3-${name}.installerconfig`),
  )
  const { autounattend } = renderUnattend(plan, releaseOf('unattend', 'windows-server-2022'), urls, windows)
  await expect(autounattend).toMatchFileSnapshot(golden(`windows-server-2022-${name}.autounattend.xml`))
})

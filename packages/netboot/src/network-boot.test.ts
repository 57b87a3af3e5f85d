import { type OpenInstallMedia } from '@virtkit/spi'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeDesk } from '../test/fake-desk.ts'
import { richPlan } from '../test/plans.ts'
import { memoryBootFiles } from './boot-files/memory-boot-files.ts'
import { netboot } from './netboot.ts'

const token = 'token-0123456789abcdef'
const bootFiles = memoryBootFiles({ kernel: Buffer.from('kernel'), initrd: Buffer.from('initrd') })
let desk: FakeDesk
let media: OpenInstallMedia

beforeEach(async () => {
  desk = new FakeDesk(token, richPlan)
  const { signal } = new AbortController()
  media = await netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles }).open(desk, { signal })
})
afterEach(() => media[Symbol.asyncDispose]())

const card = async (mac: string, init?: RequestInit): Promise<Response> =>
  fetch(`${media.origin}/card/${mac}/script.ipxe`, init)
const own = richPlan.networks[0]!.mac.replaceAll(':', '-')

test('a guest that boots from the network is led to its run by its first card, and others go on to what they boot next', async () => {
  desk.plan = { ...richPlan, boot: 'network' }
  expect(await (await card(own)).text()).toContain(`chain --replace ${media.origin}/boot/${token}/script.ipxe `)
  const others = await (await card('52-54-00-ff-ff-ff')).text()
  expect(others).toMatch(/^#!ipxe\n[^]*\nexit 1\n$/)
  expect(others).not.toContain(token)
  expect(desk.reports).toEqual([])
})

test('a guest that boots from the network is not found when its run has a medium', async () => {
  expect(await (await card(own)).text()).not.toContain(token)
})

test.each(['52:54:00:00:00:01', '52-54-00-00-00', '52-54-00-00-00-0G', '..', `${own}%00`])(
  'a guest cannot have the card %s',
  async (mac) => {
    expect((await card(mac)).status).toBe(404)
  },
)

test('a card only reads, and comes again while the database is away', async () => {
  expect((await card(own, { method: 'POST' })).status).toBe(405)
  desk.failing = true
  expect((await card(own)).status).toBe(503)
})

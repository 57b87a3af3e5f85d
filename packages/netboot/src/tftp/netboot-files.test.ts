import { expect, onTestFinished, test } from 'vitest'
import { FakeDesk } from '../../test/fake-desk.ts'
import { plainPlan } from '../../test/plans.ts'
import { TftpClient } from '../../test/tftp-client.ts'
import { memoryBootFiles } from '../boot-files/memory-boot-files.ts'
import { netboot } from '../netboot.ts'

const token = 'token-0123456789abcdef'
const call = { signal: new AbortController().signal }
const options = {
  listen: { host: '127.0.0.1', port: 0 },
  bootFiles: memoryBootFiles({ kernel: new Uint8Array(1), initrd: new Uint8Array(1) }),
}

test('programs and the scripts of runs are there by TFTP, and nothing else', async () => {
  const programs = { 'undionly.kpxe': Buffer.alloc(5000, 'program') }
  const media = await netboot({ ...options, tftp: { port: 0, programs } }).open(new FakeDesk(token, plainPlan), call)
  onTestFinished(() => media[Symbol.asyncDispose]())
  const port = media.tftpPort ?? 0
  using client = await TftpClient.open()
  expect((await client.get('undionly.kpxe', { blksize: 1432, tsize: 0 }, port)).equals(programs['undionly.kpxe'])).toBe(
    true,
  )
  for (const name of [`boot/${token}/script.ipxe`, `/boot/${token}/script.ipxe`]) {
    expect((await client.get(name, {}, port)).toString()).toContain(
      `chain --replace ${media.origin}/boot/${token}/script.ipxe `,
    )
  }
  for (const name of ['boot.ipxe', '/autoexec.ipxe']) {
    const script = (await client.get(name, {}, port)).toString()
    expect(script).toContain(`chain --replace ${media.origin}/card/\${netX/mac:hexhyp}/script.ipxe `)
    expect(script).not.toContain(token)
  }
  const others = [
    'boot/token-of-nobody/script.ipxe',
    `boot/${token}/preseed.cfg`,
    `boot/${token}/../../x`,
    'constructor',
    '..',
  ]
  for (const name of others) await expect(client.get(name, {}, port)).rejects.toThrow('not found')
})

test('without the option there is no TFTP, and a port that is none is told', async () => {
  const media = await netboot(options).open(new FakeDesk(token, plainPlan), call)
  onTestFinished(() => media[Symbol.asyncDispose]())
  expect(media.tftpPort).toBeUndefined()
  expect(() => netboot({ ...options, tftp: { port: 70_000 } })).toThrow('tftp.port')
  expect(() => netboot({ ...options, tftp: { port: 69, limits: { attempts: 0 } } })).toThrow('tftp.limits.attempts')
})

test('when the TFTP port is taken, the HTTP port is free again', async () => {
  const first = await netboot({ ...options, tftp: { port: 0 } }).open(new FakeDesk(token, plainPlan), call)
  onTestFinished(() => first[Symbol.asyncDispose]())
  const { port } = new URL(first.origin)
  await first[Symbol.asyncDispose]()
  const holder = await netboot({ ...options, tftp: { port: 0 } }).open(new FakeDesk(token, plainPlan), call)
  onTestFinished(() => holder[Symbol.asyncDispose]())
  const listen = { host: '127.0.0.1', port: Number(port) }
  const second = netboot({ ...options, listen, tftp: { port: holder.tftpPort ?? 0 } })
  await expect(second.open(new FakeDesk(token, plainPlan), call)).rejects.toMatchObject({ code: 'CONFLICT' })
  const third = await netboot({ ...options, listen }).open(new FakeDesk(token, plainPlan), call)
  await third[Symbol.asyncDispose]()
  expect(third.origin).toBe(first.origin)
})

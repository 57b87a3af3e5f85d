import { writeFileSync } from 'node:fs'
import type { Call, Hypervisor } from '@virtkit/spi'
import { installLibvirt, lacksLibvirt, startLibvirtd, type TestLibvirtd } from '@virtkit/test-libvirt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { libvirt } from '../src/index.ts'

const lacks = lacksLibvirt()
const slowly = { interval: 100, timeout: 60_000 }
const call = (): Call => ({ signal: AbortSignal.timeout(60_000) })

describe.skipIf(lacks !== undefined && process.env['CI'] === undefined)('the serial console of a guest', () => {
  let libvirtd: TestLibvirtd
  let hypervisor: Hypervisor

  beforeAll(async () => {
    if (lacks !== undefined) throw new Error(`${lacks}\nTo install it: ${installLibvirt}`)
    libvirtd = await startLibvirtd()
    hypervisor = await libvirt.connect({ url: libvirtd.url, accel: 'tcg' }, call())
  }, 60_000)
  afterAll(async () => {
    await hypervisor?.[Symbol.asyncDispose]()
    await libvirtd?.[Symbol.asyncDispose]()
  })

  it('is told while it runs and when it is off, its last lines only, and begins anew with each start', async () => {
    const key = 'talks'
    const { ref } = await hypervisor.machines.create(
      {
        name: key,
        cpus: 1,
        memoryMiB: 64,
        firmware: 'bios',
        disks: [{ sizeMiB: 16, provisioning: 'thin' }],
        nics: [],
        placement: { datastore: 'disks' },
      },
      { ...call(), key },
    )
    const owned = { ref, key }
    const tail = async (): Promise<readonly string[]> => (await hypervisor.console?.tail(ref, call())) ?? []
    await putBootSector(libvirtd, ref, talker('first\r\n', 0))
    await hypervisor.power.on(owned, call())
    await expect.poll(tail, slowly).toEqual(['first'])
    await hypervisor.power.off(owned, call())
    expect(await tail()).toEqual(['first'])

    // As much as is read, and more.
    await putBootSector(libvirtd, ref, talker('a line that is not short\r\n', 8000))
    await hypervisor.power.on(owned, call())
    await expect.poll(async () => (await tail()).length, slowly).toBe(200)
    const lines = await tail()
    expect(new Set(lines.slice(0, -1))).toEqual(new Set(['a line that is not short']))
    // As virtlogd cuts it.
    writeFileSync(libvirtd.outside(`/var/lib/libvirt/disks/virtkit-${ref}-console.log.0`), 'an older piece')
    await hypervisor.machines.destroy(owned, call())
    expect((await libvirtd.inside('ls', '/var/lib/libvirt/disks')).trim()).toBe('')
  })
})

/** A boot sector that writes a text to the first serial line, once and as many times more, and halts. */
function talker(text: string, more: number): Buffer {
  const sector = Buffer.alloc(512)
  const code = [
    [0xfa, 0x31, 0xc0, 0x8e, 0xd8], // cli; xor ax,ax; mov ds,ax
    [0xb9, (more + 1) & 0xff, (more + 1) >> 8], // mov cx,times
    [0xbe, 0x40, 0x7c], // again: mov si,text
    [0xac, 0x84, 0xc0, 0x74, 0x06], // next: lodsb; test al,al; jz done
    [0xba, 0xf8, 0x03, 0xee], // mov dx,0x3f8; out dx,al
    [0xeb, 0xf5], // jmp next
    [0xe2, 0xf0], // done: loop again
    [0xf4, 0xeb, 0xfd], // halt: hlt; jmp halt
  ]
  sector.set(code.flat())
  sector.write(text, 0x40, 'latin1')
  sector.writeUInt16LE(0xaa55, 510)
  return sector
}

async function putBootSector(libvirtd: TestLibvirtd, ref: string, sector: Buffer): Promise<void> {
  const path = `/var/lib/libvirt/sector-${ref}`
  writeFileSync(libvirtd.outside(path), sector)
  const disk = `/var/lib/libvirt/disks/virtkit-${ref}-0.qcow2`
  await libvirtd.inside('qemu-io', '-f', 'qcow2', '-c', `write -s ${path} 0 512`, disk)
}

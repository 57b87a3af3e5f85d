import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readIso } from '../../test/read-iso.ts'
import { type BootPrograms, createBootMedium } from './boot-medium.ts'
import { writeIso } from './iso-9660.ts'
import { noticeSector } from './notice-sector.ts'

async function bytesOf(medium: ReturnType<typeof createBootMedium>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of medium.content()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const script = '#!ipxe\ndhcp net0\n'

describe('a boot medium', () => {
  test('holds its script where a reader of ISO 9660 finds it', async () => {
    const medium = createBootMedium(script)
    const image = await bytesOf(medium)
    expect(image.length).toBe(medium.sizeBytes)
    const iso = readIso(image)
    expect(iso.volumeId).toBe('VIRTKIT')
    expect(iso.sectors * 2048).toBe(image.length)
    expect(iso.files.get('SCRIPT.IPX')?.toString()).toBe(script)
  })

  test('of one script has the same bytes each time, and those of another script differ', async () => {
    const digest = async (text: string): Promise<string> =>
      createHash('sha256')
        .update(await bytesOf(createBootMedium(text)))
        .digest('hex')
    expect(await digest(script)).toBe(await digest(script))
    expect(await digest(script)).not.toBe(await digest(`${script}#`))
  })

  test('starts a sector that says why nothing happens, when it has no program', async () => {
    const iso = readIso(await bytesOf(createBootMedium(script)))
    expect(iso.boot).toEqual([{ platform: 0, virtualSectors: 4, sector: iso.sectorOf('NOTICE.BIN') }])
    expect(iso.files.get('NOTICE.BIN')?.toString('latin1')).toContain('no iPXE program to run it')
  })

  test('starts the programs that it was given: BIOS first, UEFI in its own section', async () => {
    const program = Buffer.alloc(5000, 7)
    const programs: BootPrograms = {
      files: [
        { name: 'EFI.IMG', bytes: Buffer.alloc(1_474_560, 1) },
        { name: 'ISOLINUX.BIN', bytes: program },
      ],
      boot: [
        { firmware: 'uefi', file: 'EFI.IMG' },
        { firmware: 'bios', file: 'ISOLINUX.BIN', bootInfoTable: true },
      ],
    }
    const iso = readIso(await bytesOf(createBootMedium(script, programs)))
    expect(iso.boot).toEqual([
      { platform: 0, virtualSectors: 4, sector: iso.sectorOf('ISOLINUX.BIN') },
      { platform: 0xef, virtualSectors: 2880, sector: iso.sectorOf('EFI.IMG') },
    ])
    const patched = iso.files.get('ISOLINUX.BIN')!
    expect([patched.readUInt32LE(8), patched.readUInt32LE(12), patched.readUInt32LE(16)]).toEqual([
      16,
      iso.sectorOf('ISOLINUX.BIN'),
      5000,
    ])
    expect(patched.readUInt32LE(20)).toBe((0x07070707 * ((5000 - 64) / 4)) % 2 ** 32)
    expect(patched.subarray(64).equals(program.subarray(64))).toBe(true)
    expect(iso.files.get('SCRIPT.IPX')?.toString()).toBe(script)
  })
})

test('the notice sector finds its own text: the offset that it adds is the length of its code', () => {
  const sector = Buffer.from(noticeSector())
  const here = sector.indexOf(0x5e)
  expect(here + sector[here + 3]!).toBe(sector.indexOf('This medium'))
  expect(sector.readUInt16LE(510)).toBe(0xaa55)
  // What follows the text ends it.
  expect(sector[sector.indexOf('\r\n') + 2]).toBe(0)
})

test.each(['script.ipx', 'LONGFILENAME.TXT', 'A.HTML', '../A'])('a file called %j is refused', (name) => {
  const files = [{ name, bytes: new Uint8Array(1) }]
  expect(() => writeIso({ volumeId: 'X', files, boot: [{ firmware: 'bios', file: name }] })).toThrow('level 1')
})

test('two files of one name are refused', () => {
  const file = { name: 'A', bytes: new Uint8Array(1) }
  expect(() => writeIso({ volumeId: 'X', files: [file, file], boot: [{ firmware: 'bios', file: 'A' }] })).toThrow('twice')
})

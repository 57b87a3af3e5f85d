import { describe, expect, it } from 'vitest'
import { BadImage, readIso } from './iso-9660.ts'
import { tinyIso } from './testing/tiny-iso.ts'

const sector = 2048
const image = (): Buffer => Buffer.from(tinyIso({ 'SCRIPT.IPX': '#!ipxe\n', 'README.TXT': 'hello' }))
const broken = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = image()
  change(bytes)
  return bytes
}

describe('readIso', () => {
  it('finds files of the root directory whatever the case of the name', () => {
    const iso = readIso(image())
    expect(iso.volumeId).toBe('TINY')
    expect(iso.names).toEqual(['SCRIPT.IPX', 'README.TXT'])
    expect(Buffer.from(iso.file('script.ipx') ?? []).toString()).toBe('#!ipxe\n')
    expect(iso.file('OTHER.TXT')).toBeUndefined()
  })

  it('is bootable with a boot record, a valid catalog and a bootable entry', () => {
    expect(readIso(image()).bootable).toBe(true)
    expect(readIso(tinyIso({ A: 'x' }, { bootRecord: false })).bootable).toBe(false)
  })

  it.each([
    ['the checksum of the catalog is wrong', (bytes: Buffer) => bytes.writeUInt16LE(7, 19 * sector + 28)],
    ['the entry is not marked bootable', (bytes: Buffer) => bytes.writeUInt8(0, 19 * sector + 32)],
    ['the boot image lies outside of the image', (bytes: Buffer) => bytes.writeUInt32LE(9999, 19 * sector + 40)],
    ['the identifier of the boot record is another', (bytes: Buffer) => bytes.write('XX', 17 * sector + 7)],
  ])('does not boot when %s', (_, change) => {
    expect(readIso(broken(change)).bootable).toBe(false)
  })

  it.each([
    ['has no descriptor', (bytes: Buffer) => bytes.write('XXXXX', 16 * sector + 1)],
    [
      'announces more sectors than there are',
      (bytes: Buffer) => {
        bytes.writeUInt32LE(99, 16 * sector + 80)
        bytes.writeUInt32BE(99, 16 * sector + 84)
      },
    ],
    ['writes a number differently in the two byte orders', (bytes: Buffer) => bytes.writeUInt32BE(1, 16 * sector + 84)],
    [
      'has a directory record that points outside',
      (bytes: Buffer) => {
        bytes.writeUInt32LE(999, 20 * sector + 2 * 34 + 2)
        bytes.writeUInt32BE(999, 20 * sector + 2 * 34 + 6)
      },
    ],
    [
      'has a directory record that is too short for its name',
      (bytes: Buffer) => bytes.writeUInt8(200, 20 * sector + 2 * 34 + 32),
    ],
  ])('refuses an image that %s', (_, change) => {
    expect(() => readIso(broken(change))).toThrow(BadImage)
  })

  it('refuses an image that is cut off anywhere', () => {
    for (const length of [0, 100, 16 * sector, 17 * sector, image().length - 1]) {
      expect(() => readIso(image().subarray(0, length))).toThrow(BadImage)
    }
  })
})

import { expect, test } from 'vitest'
import { readFat } from '../../test/read-fat.ts'
import { writeFat } from './fat-image.ts'

const program = Buffer.from(Array.from({ length: 1_000_001 }, (_, at) => (at * 31) % 253))
const files = [
  { path: 'EFI/BOOT/BOOTX64.EFI', bytes: program },
  { path: 'EFI/BOOT/autoexec.ipxe', bytes: Buffer.from('#!ipxe\n') },
  { path: 'EFI/empty', bytes: new Uint8Array() },
  { path: 'a-name-of-more-than-one-record.text', bytes: Buffer.alloc(2048, 1) },
]

test('a reader of FAT finds every file under its name', () => {
  const found = readFat(Buffer.from(writeFat(files)))
  expect([...found.keys()].toSorted()).toEqual(files.map(({ path }) => path).toSorted())
  for (const { path, bytes } of files) expect(found.get(path)?.equals(bytes)).toBe(true)
})

test('the same files are the same bytes', () => {
  expect(Buffer.from(writeFat(files)).equals(writeFat(files))).toBe(true)
})

test('what does not fit, and what no folder can hold, is refused', () => {
  expect(() => writeFat([{ path: 'A', bytes: new Uint8Array(9_000_000) }])).toThrow('too much')
  expect(() => writeFat([{ path: 'EFI/a b', bytes: new Uint8Array(1) }])).toThrow('cannot stand')
})

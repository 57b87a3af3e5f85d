import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readFat } from '../../test/read-fat.ts'
import { readIso } from '../../test/read-iso.ts'
import { createBootMedium } from './boot-medium.ts'
import { readIpxePrograms } from './ipxe-programs.ts'

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-ipxe-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'file'), text)
  return join(folder, 'file')
}

test('a medium for both firmwares holds the script where each of them finds it', async () => {
  const [ipxe, isolinux, ldlinux] = [fileOf('lkrn'), fileOf('x'.repeat(3000)), fileOf('ldlinux')]
  const uefi = fileOf('MZ and file:autoexec.ipxe')
  const chunks: Uint8Array[] = []
  const medium = createBootMedium('#!ipxe\n', await readIpxePrograms({ bios: { ipxe, isolinux, ldlinux }, uefi }))
  for await (const chunk of medium.content()) chunks.push(chunk)
  const iso = readIso(Buffer.concat(chunks))
  expect(iso.boot.map(({ platform }) => platform)).toEqual([0, 0xef])
  expect(iso.files.get('SCRIPT.IPX')?.toString()).toBe('#!ipxe\n')
  expect(iso.files.get('ISOLINUX.CFG')?.toString()).toContain('KERNEL ipxe.lkr\n INITRD script.ipx')
  const partition = readFat(iso.files.get('EFI.IMG')!)
  expect(partition.get('EFI/BOOT/autoexec.ipxe')?.toString()).toBe('#!ipxe\n')
  expect(partition.get('EFI/BOOT/BOOTX64.EFI')?.toString()).toBe('MZ and file:autoexec.ipxe')
})

test('what cannot be read, or would not run the script, is told with its field', async () => {
  const missing = '/nowhere/ipxe.lkrn'
  const old = fileOf('MZ of 2019')
  const paths = { bios: { ipxe: missing, isolinux: old, ldlinux: old }, uefi: old }
  await expect(readIpxePrograms(paths)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    details: { problems: [expect.objectContaining({ field: 'bios.ipxe' }), expect.objectContaining({ field: 'uefi' })] },
  })
  await expect(readIpxePrograms({})).rejects.toThrow('nothing would start')
})

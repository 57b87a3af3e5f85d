import { readFile, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type NetbootOptions, readIpxePrograms } from '@virtkit/netboot'
import { invalidInput } from '@virtkit/spi'

// What firmware may be told to load by TFTP; iPXE's own names.
const networkProgram = /^[a-z][a-z0-9-]*\.(?:kpxe|kkpxe|pxe|efi)$/

/**
 * A folder with iPXE's programs: media get `ipxe.lkrn`, `isolinux.bin` and `ldlinux.c32` (BIOS) and `ipxe.efi` (UEFI), where they are
 * there; TFTP gets every `.kpxe`, `.kkpxe`, `.pxe` and `.efi`. Throws `INVALID_INPUT` naming what cannot be read.
 */
export async function readBootPrograms(
  folder: string,
  cwd: string,
): Promise<{
  readonly media: NonNullable<NetbootOptions['bootPrograms']>
  readonly network: Readonly<Record<string, Uint8Array>>
}> {
  const path = resolve(cwd, folder)
  const names = await readdir(path).catch((error: unknown) => {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw invalidInput([
      { field: '--boot-programs', problem: `${folder} cannot be read (${reason})`, hint: 'name a folder' },
    ])
  })
  const at = (name: string): string => join(path, name)
  const media = await readIpxePrograms({
    ...(names.includes('ipxe.lkrn') && {
      bios: { ipxe: at('ipxe.lkrn'), isolinux: at('isolinux.bin'), ldlinux: at('ldlinux.c32') },
    }),
    ...(names.includes('ipxe.efi') && { uefi: at('ipxe.efi') }),
  })
  const network = names.filter((name) => networkProgram.test(name))
  const bytes = await Promise.all(network.map(async (name) => [name, await readFile(at(name))] as const))
  return { media, network: Object.fromEntries(bytes) }
}

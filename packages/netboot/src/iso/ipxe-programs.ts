import { readFile } from 'node:fs/promises'
import { type InputProblem, invalidInput } from '@virtkit/spi'
import type { BootPrograms } from './boot-medium.ts'
import type { IsoFile } from './iso-files.ts'

/** Where the programs lie. Left out: those of this firmware are not on the medium. */
export interface IpxeProgramPaths {
  readonly bios?: {
    /** iPXE in the form of a Linux kernel: it takes its script as an initrd. */
    readonly ipxe: string
    readonly isolinux: string
    readonly ldlinux: string
  }
  /** iPXE for UEFI on x86-64, of 2021 or later: it looks for `autoexec.ipxe` beside itself. */
  readonly uefi?: string
}

/** Of Debian's packages `ipxe`, `isolinux` and `syslinux-common`. The `ipxe` of Debian 12 is too old for UEFI, that of 13 is not. */
export const debianProgramPaths: Required<IpxeProgramPaths> = {
  bios: {
    ipxe: '/usr/lib/ipxe/ipxe.lkrn',
    isolinux: '/usr/lib/ISOLINUX/isolinux.bin',
    ldlinux: '/usr/lib/syslinux/modules/bios/ldlinux.c32',
  },
  uefi: '/usr/lib/ipxe/ipxe.efi',
}

const isolinuxConfig = ['DEFAULT ipxe', 'PROMPT 0', 'TIMEOUT 0', 'LABEL ipxe', ' KERNEL ipxe.lkr', ' INITRD script.ipx', '']

/**
 * The `bootPrograms` of `netboot` from files of this machine: isolinux and iPXE for BIOS, iPXE for UEFI.
 * Promises: everything is read before it answers. Throws `INVALID_INPUT` naming each file that cannot be read, and an iPXE for
 * UEFI that would not run the script.
 *
 * @example
 * ```ts
 * const { bios } = debianProgramPaths
 * const bootPrograms = await readIpxePrograms({ bios, uefi: '/srv/boot/ipxe.efi' })
 * ```
 */
export async function readIpxePrograms(paths: IpxeProgramPaths): Promise<BootPrograms> {
  const problems: InputProblem[] = []
  const read = async (field: string, path: string): Promise<Uint8Array> => {
    try {
      return await readFile(path)
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      const hint = "Debian's packages ipxe, isolinux and syslinux-common have these files"
      problems.push({ field, problem: `${path} cannot be read (${reason})`, hint })
      return new Uint8Array()
    }
  }
  const { bios, uefi } = paths
  const files: IsoFile[] = bios
    ? [
        { name: 'ISOLINUX.BIN', bytes: await read('bios.isolinux', bios.isolinux) },
        { name: 'LDLINUX.C32', bytes: await read('bios.ldlinux', bios.ldlinux) },
        { name: 'IPXE.LKR', bytes: await read('bios.ipxe', bios.ipxe) },
        { name: 'ISOLINUX.CFG', bytes: Buffer.from(isolinuxConfig.join('\n')) },
      ]
    : []
  const efi = uefi === undefined ? undefined : await read('uefi', uefi)
  if (efi && efi.length > 0 && !runsScripts(efi)) {
    const hint = 'take iPXE of 2021 or later, as Debian 13 has it'
    problems.push({ field: 'uefi', problem: `${uefi} is no iPXE that looks for autoexec.ipxe`, hint })
  }
  if (!bios && uefi === undefined) problems.push({ field: 'bios', problem: 'or uefi is needed: nothing would start' })
  if (problems.length > 0) throw invalidInput(problems)
  return {
    files,
    boot: bios ? [{ firmware: 'bios', file: 'ISOLINUX.BIN', bootInfoTable: true }] : [],
    ...(efi && { uefi: [{ name: 'BOOTX64.EFI', bytes: efi }] }),
  }
}

/** The name stands in the program. */
function runsScripts(program: Uint8Array): boolean {
  const bytes = Buffer.from(program)
  return bytes.includes('autoexec.ipxe', 0, 'ascii') || bytes.includes('autoexec.ipxe', 0, 'utf16le')
}

import type { BootMedium } from '@virtkit/spi'
import type { BootEntry } from './el-torito.ts'
import { writeFat } from './fat-image.ts'
import { writeIso } from './iso-9660.ts'
import type { IsoFile } from './iso-files.ts'
import { noticeSector } from './notice-sector.ts'

/**
 * What a firmware starts from the medium: programs that run the iPXE script `SCRIPT.IPX` beside them. Names are ISO 9660
 * level 1 (`ISOLINUX.BIN`).
 */
export interface BootPrograms {
  readonly files: readonly IsoFile[]
  readonly boot: readonly BootEntry[]
  /**
   * iPXE programs for UEFI under the names that firmware looks for (`BOOTX64.EFI`). The medium gets an EFI system partition
   * with them and, beside each, the script as `autoexec.ipxe`, which iPXE runs since 2021.
   */
  readonly uefi?: readonly IsoFile[]
}

/** The name under which the medium holds its iPXE script. */
export const mediumScriptName = 'SCRIPT.IPX'

/** The boot medium of one run. Promises: the same script and programs yield the same bytes. */
export function createBootMedium(script: string, programs: BootPrograms = noPrograms()): BootMedium {
  const bytes = Buffer.from(script, 'utf8')
  const partition = programs.uefi && systemPartition(programs.uefi, bytes)
  const { sizeBytes, pieces } = writeIso({
    volumeId: 'VIRTKIT',
    files: [...programs.files, ...(partition ? [partition] : []), { name: mediumScriptName, bytes }],
    boot: partition ? [...programs.boot, { firmware: 'uefi', file: partition.name }] : programs.boot,
  })
  return {
    kind: 'iso',
    sizeBytes,
    async *content() {
      yield* pieces()
    },
  }
}

/** UEFI 2.10, 3.5.1.1: removable media start `\EFI\BOOT\BOOT<machine>.EFI`. */
function systemPartition(programs: readonly IsoFile[], script: Uint8Array): IsoFile {
  const files = programs.map(({ name, bytes }) => ({ path: `EFI/BOOT/${name}`, bytes }))
  return { name: 'EFI.IMG', bytes: writeFat([...files, { path: 'EFI/BOOT/autoexec.ipxe', bytes: script }]) }
}

function noPrograms(): BootPrograms {
  return { files: [{ name: 'NOTICE.BIN', bytes: noticeSector() }], boot: [{ firmware: 'bios', file: 'NOTICE.BIN' }] }
}

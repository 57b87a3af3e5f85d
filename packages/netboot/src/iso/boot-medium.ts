import type { BootMedium } from '@virtkit/spi'
import type { BootEntry } from './el-torito.ts'
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
}

/** The name under which the medium holds its iPXE script. */
export const mediumScriptName = 'SCRIPT.IPX'

/** The boot medium of one run. Promises: the same script and programs yield the same bytes. */
export function createBootMedium(script: string, programs: BootPrograms = noPrograms()): BootMedium {
  const { sizeBytes, pieces } = writeIso({
    volumeId: 'VIRTKIT',
    files: [...programs.files, { name: mediumScriptName, bytes: Buffer.from(script, 'utf8') }],
    boot: programs.boot,
  })
  return {
    kind: 'iso',
    sizeBytes,
    async *content() {
      yield* pieces()
    },
  }
}

function noPrograms(): BootPrograms {
  return { files: [{ name: 'NOTICE.BIN', bytes: noticeSector() }], boot: [{ firmware: 'bios', file: 'NOTICE.BIN' }] }
}

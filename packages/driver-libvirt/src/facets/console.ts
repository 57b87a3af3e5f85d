import type { ConsoleOperations } from '@virtkit/spi'
import type { Libvirt } from '../client/libvirt.ts'
import { saysNo } from '../errors.ts'
import { getMachine } from '../machines/look.ts'
import type { Session } from '../session.ts'

const mostLines = 200
/** What is read of a log: 200 lines, and what programs draw between them. */
const tailBytes = 128 * 1024

/** The serial console, as far as QEMU has written it to a file: since the machine was last switched on. */
export function consoleOperations(session: Session): ConsoleOperations {
  return {
    tail: (ref, call) =>
      session.perform(call, async (libvirt) => {
        const { consoleLog } = (await getMachine(libvirt, ref)).hardware
        return consoleLog === undefined ? [] : lastLines(await lastBytes(libvirt, consoleLog))
      }),
  }
}

/** Nothing of a file that no pool knows: it has not been written yet, or lies elsewhere. */
async function lastBytes(libvirt: Libvirt, path: string): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }> {
  try {
    const volume = await libvirt.volumeAt(path)
    const { capacity } = await libvirt.volumeInfo(volume)
    const from = Math.max(0, capacity - tailBytes)
    // A length of zero would be all that there is.
    const bytes = capacity === 0 ? Buffer.alloc(0) : await libvirt.download(volume, from, capacity - from)
    return { bytes, isCut: from > 0 }
  } catch (error) {
    if (!saysNo(error, 'noVolume', 'noPool')) throw error
    return { bytes: Buffer.alloc(0), isCut: false }
  }
}

function lastLines({ bytes, isCut }: { readonly bytes: Buffer; readonly isCut: boolean }): string[] {
  const lines = bytes.toString('utf8').split(/\r\n|[\r\n]/)
  if (lines.at(-1) === '') lines.pop()
  if (isCut) lines.shift()
  return lines.slice(-mostLines)
}

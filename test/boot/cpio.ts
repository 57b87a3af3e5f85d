import { Buffer } from 'node:buffer'

export interface CpioFile {
  readonly path: string
  readonly bytes: Uint8Array
  readonly mode: number
}

/** An initrd's archive ("new ASCII", the kernel's Documentation/driver-api/early-userspace/buffer-format.rst), with its folders. */
export function writeCpio(files: readonly CpioFile[]): Buffer {
  const folders = new Set(files.flatMap(({ path }) => path.split('/').map((_, at, all) => all.slice(0, at).join('/'))))
  const made = [...folders].filter((path) => path !== '').map((path) => ({ path, bytes: new Uint8Array(), mode: 0o40755 }))
  const entries = [...made.toSorted((a, b) => (a.path < b.path ? -1 : 1)), ...files]
  const end = { path: 'TRAILER!!!', bytes: new Uint8Array(), mode: 0 }
  return Buffer.concat([...entries, end].flatMap((file, index) => entry(file, index + 1)))
}

function entry({ path, bytes, mode }: CpioFile, inode: number): Uint8Array[] {
  const fields = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, path.length + 1, 0]
  const head = `070701${fields.map((value) => value.toString(16).padStart(8, '0')).join('')}${path}\0`
  return [aligned(Buffer.from(head, 'latin1')), aligned(bytes)]
}

function aligned(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
  padded.set(bytes)
  return padded
}

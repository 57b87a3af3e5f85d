/** A file, or a symbolic link. */
export type TarEntry = { readonly path: string; readonly mode?: number } & (
  | { readonly content: string }
  | { readonly linkTo: string }
)

const block = 512

/** A tar archive (POSIX.1-2017, ustar) of files that belong to root, with no times in it: the same entries yield the same bytes. */
export function renderTar(entries: readonly TarEntry[]): Uint8Array {
  return Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(2 * block)])
}

function blocksOf(entry: TarEntry): Uint8Array[] {
  const content = 'content' in entry ? Buffer.from(entry.content) : Buffer.alloc(0)
  const padding = Buffer.alloc((block - (content.length % block)) % block)
  return [header(entry, content.length), content, padding]
}

function header(entry: TarEntry, size: number): Uint8Array {
  const bytes = Buffer.alloc(block)
  const text = (at: number, length: number, value: string): void => {
    if (Buffer.byteLength(value) > length) throw new Error(`${value} does not fit into ${length} bytes of a tar header`)
    bytes.write(value, at)
  }
  const octal = (at: number, length: number, value: number): void =>
    text(at, length, value.toString(8).padStart(length - 1, '0'))
  text(0, 100, entry.path)
  octal(100, 8, entry.mode ?? 0o644)
  octal(108, 8, 0)
  octal(116, 8, 0)
  octal(124, 12, size)
  octal(136, 12, 0)
  text(156, 1, 'linkTo' in entry ? '2' : '0')
  if ('linkTo' in entry) text(157, 100, entry.linkTo)
  text(257, 8, 'ustar\x0000')
  text(265, 32, 'root')
  text(297, 32, 'root')
  // The sum is taken with spaces in its own place.
  bytes.fill(' ', 148, 156)
  const sum = bytes.reduce((all, byte) => all + byte, 0)
  text(148, 8, `${sum.toString(8).padStart(6, '0')}\0 `)
  return bytes
}

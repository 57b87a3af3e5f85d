/**
 * A kernel that a boot loader accepts and that no processor could run, for a world without a mirror.
 *
 * Promises: the same name and size yield the same bytes, with the header of a Linux bzImage (the x86 boot protocol, 2.15).
 */
export function standInKernel(name: string, sizeBytes: number): Uint8Array {
  const bytes = filler(name, Math.max(sizeBytes, 4096))
  const view = new DataView(bytes.buffer)
  bytes[0x1f1] = 4
  view.setUint16(0x1fe, 0xaa55, true)
  bytes.set([0xeb, 0x66], 0x200)
  bytes.set(ascii('HdrS'), 0x202)
  view.setUint16(0x206, 0x020f, true)
  view.setUint16(0x20e, 0x400, true)
  bytes[0x211] = 1
  bytes.set(ascii(`${name} stand-in\0`.slice(0, 127)), 0x600)
  return bytes
}

/** An initial RAM disk of one cpio entry in the "newc" form that the kernel reads. Promises as `standInKernel`. */
export function standInInitrd(name: string, sizeBytes: number): Uint8Array {
  const bytes = filler(name, Math.max(sizeBytes, 512))
  const trailer = 'TRAILER!!!\0'
  const field = (value: number): string => value.toString(16).padStart(8, '0')
  const header = `070701${field(0).repeat(4)}${field(1)}${field(0).repeat(6)}${field(trailer.length)}${field(0)}`
  bytes.set(ascii(header + trailer))
  return bytes
}

/** Bytes that look like compressed data: a linear congruential generator seeded from the name. */
function filler(name: string, sizeBytes: number): Uint8Array<ArrayBuffer> {
  let state = 2_166_136_261
  for (const byte of ascii(name)) state = Math.imul(state ^ byte, 16_777_619) >>> 0
  const bytes = new Uint8Array(sizeBytes)
  for (let at = 0; at < sizeBytes; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

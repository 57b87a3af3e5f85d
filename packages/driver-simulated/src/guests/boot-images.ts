/** A Linux kernel for x86 by its header: boot sector mark at 510 and `HdrS` at 0x202 (Linux, Documentation/arch/x86/boot.rst). */
export function isLinuxKernel(bytes: Uint8Array): boolean {
  return bytes.length > 0x210 && bytes[510] === 0x55 && bytes[511] === 0xaa && startsWith(bytes.subarray(0x202), 'HdrS')
}

/** What the kernel can unpack as initial RAM disk, by its first bytes; `undefined` when it can not. */
export function initrdFormat(bytes: Uint8Array): 'gzip' | 'zstd' | 'xz' | 'cpio' | undefined {
  if (startsWith(bytes, '\x1f\x8b')) return 'gzip'
  if (startsWith(bytes, '\x28\xb5\x2f\xfd')) return 'zstd'
  if (startsWith(bytes, '\xfd7zXZ\0')) return 'xz'
  if (startsWith(bytes, '070701') || startsWith(bytes, '070702')) return 'cpio'
  return undefined
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  return bytes.length >= magic.length && [...magic].every((char, at) => bytes[at] === char.charCodeAt(0))
}

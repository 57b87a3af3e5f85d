import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { initrdFormat, isLinuxKernel } from './boot-images.ts'
import { standInInitrd, standInKernel } from './stand-in-images.ts'

describe('stand-in images', () => {
  it('have the headers that a boot loader and a kernel look at, and the size asked for', () => {
    expect(isLinuxKernel(standInKernel('debian-12', 65_536))).toBe(true)
    expect(initrdFormat(standInInitrd('debian-12', 4096))).toBe('cpio')
    expect(standInKernel('debian-12', 65_536)).toHaveLength(65_536)
    expect(standInInitrd('debian-12', 4096)).toHaveLength(4096)
  })

  it('are the same for the same name and differ between names', () => {
    expect(standInKernel('a', 8192)).toEqual(standInKernel('a', 8192))
    expect(standInKernel('a', 8192)).not.toEqual(standInKernel('b', 8192))
  })

  it('are told from other files', () => {
    expect(isLinuxKernel(new TextEncoder().encode('<html>not found</html>'.repeat(100)))).toBe(false)
    expect(isLinuxKernel(new Uint8Array(10))).toBe(false)
    expect(initrdFormat(gzipSync('x'))).toBe('gzip')
    expect(initrdFormat(new TextEncoder().encode('<html>'))).toBeUndefined()
  })
})

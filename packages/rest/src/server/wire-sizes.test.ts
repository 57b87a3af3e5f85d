import { describe, expect, it } from 'vitest'
import { readAll } from './read-all.ts'
import { diskLimitMiBOf, diskMiBOf, memoryLimitMiBOf, memoryMiBOf, sizeOf } from './wire-sizes.ts'

describe('sizes of the wire', () => {
  it('a bare number is MB for ram and GB for disc; with a unit, both mean the same', () => {
    expect([memoryMiBOf('512'), memoryMiBOf(512), diskMiBOf('20'), diskMiBOf(20)]).toEqual([512, 512, 20_480, 20_480])
    expect([memoryMiBOf('1.5 GiB'), diskMiBOf('1.5GB'), diskMiBOf('1tb')]).toEqual([1536, 1536, 1024 ** 2])
  })

  it('what is printed is read as the same again', () => {
    for (const size of [1, 512, 1024, 1536, 2048, 1024 ** 2, 3 * 1024 ** 2]) {
      expect(memoryMiBOf(sizeOf(size))).toBe(size)
      expect(diskMiBOf(sizeOf(size))).toBe(size)
    }
    expect([sizeOf(4096), sizeOf(1536), sizeOf(0)]).toEqual(['4GB', '1536MB', '0MB'])
  })

  it('a size that is no whole MB is refused, with the next that is', () => {
    expect(() => memoryMiBOf('1500KB')).toThrow('ram: "1500KB" is not a whole number of MB (2MB would be)')
  })

  it('a limit may be nothing, a machine may not', () => {
    for (const nothing of ['0', '0GB', ' 0.0 MiB ', 0]) {
      expect([memoryLimitMiBOf(nothing, 'memorylimit'), diskLimitMiBOf(nothing, 'disclimit')]).toEqual([0, 0])
      expect(() => memoryMiBOf(nothing)).toThrow('ram')
    }
    expect([memoryLimitMiBOf('8GB', 'memorylimit'), diskLimitMiBOf('8', 'disclimit')]).toEqual([8192, 8192])
  })

  it('everything that cannot be read is told at once', () => {
    const read = () => readAll({ memory: () => memoryMiBOf('1500KB'), disk: () => diskMiBOf('0GB') })
    expect(read).toThrow(/ram: .*; disc: /)
    expect(readAll({ memory: () => memoryMiBOf('1GB'), name: () => 'erp' })).toEqual({ memory: 1024, name: 'erp' })
  })
})

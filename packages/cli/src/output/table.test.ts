import { describe, expect, it } from 'vitest'
import { cut, renderTable } from './table.ts'

const columns = [{ title: 'name' }, { title: 'memory', align: 'right' }, { title: 'datastore' }] as const
const rows = [
  ['web-1', '2GB', 'a-rather-long-datastore-name'],
  ['a', '512MB', 'ds'],
]

describe('renderTable', () => {
  it('gives each column the width of its widest cell, and numbers their right edge', () => {
    expect(renderTable(columns, rows)).toEqual([
      'name   memory  datastore',
      'web-1     2GB  a-rather-long-datastore-name',
      'a       512MB  ds',
    ])
  })

  it('takes from the widest column until a line fits', () => {
    const lines = renderTable(columns, rows, { columns: 30 })
    expect(Math.max(...lines.map((line) => line.length))).toBe(30)
    expect(lines[1]).toBe('web-1     2GB  a-rather-long-…')
  })

  it.each([17, 20, 33, 44, 200])('no line is wider than %i columns', (width) => {
    for (const line of renderTable(columns, rows, { columns: width })) expect(line.length).toBeLessThanOrEqual(width)
  })

  it('keeps a little of every column where nothing fits', () => {
    expect(renderTable(columns, rows, { columns: 3 })[1]).toBe('web…   2GB  a-r…')
  })

  it('without rows there are titles', () => {
    expect(renderTable(columns, [])).toEqual(['name  memory  datastore'])
  })
})

describe('cut', () => {
  it('says where something is missing, and counts characters, not halves of them', () => {
    expect(cut('abcdef', 4)).toBe('abc…')
    expect(cut('abcd', 4)).toBe('abcd')
    expect(cut('🦊🦊🦊', 2)).toBe('🦊…')
  })
})

it('a column that is whole gives no way, as what must be typed again', () => {
  const titles = [{ title: 'id', whole: true }, { title: 'name' }]
  const lines = renderTable(titles, [['0123456789abcdef', 'a-rather-long-name']], { columns: 26 })
  expect(lines[1]).toBe('0123456789abcdef  a-rathe…')
})

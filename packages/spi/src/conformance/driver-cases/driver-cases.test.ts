import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { driverCases } from './driver-cases.ts'

const facets = {
  inventory: 'InventoryOperations',
  machines: 'MachineOperations',
  power: 'PowerOperations',
  media: 'MediaOperations',
  guest: 'GuestOperations',
  snapshots: 'SnapshotOperations',
  templates: 'TemplateOperations',
  watch: 'WatchOperations',
  privileges: 'PrivilegeOperations',
}

/** The methods of the contract, read from its source: a list written here would be out of step one day. */
async function contractMethods(): Promise<readonly string[]> {
  const methods: string[] = []
  for (const [facet, name] of Object.entries(facets)) {
    const file = name.replace(/Operations$/, '').toLowerCase()
    const source = await readFile(new URL(`../../driver/${file}-operations.ts`, import.meta.url), 'utf8')
    const body = source.slice(source.indexOf(`export interface ${name} {`)).split('\n}\n')[0] ?? ''
    for (const [, method] of body.matchAll(/^ {2}(\w+)\(/gm)) methods.push(`${facet}.${method}`)
  }
  return methods
}

describe('the list of cases', () => {
  it('has more than a hundred cases, each with an id and a name of its own', () => {
    expect(driverCases.length).toBeGreaterThan(100)
    expect(new Set(driverCases.map((each) => each.id)).size).toBe(driverCases.length)
    expect(new Set(driverCases.map((each) => each.name)).size).toBe(driverCases.length)
    for (const { id } of driverCases) expect(id).toMatch(/^[a-z]+\.[a-z0-9-]+$/)
  })

  it('proves at least one promise of every method of the contract', async () => {
    const methods = await contractMethods()
    expect(methods.length).toBeGreaterThan(30)
    const promises = driverCases.map((each) => each.promise).join('\n')
    expect(methods.filter((method) => !new RegExp(`\\b${method.replace('.', '\\.')}\\b`).test(promises))).toEqual([])
  })

  it('names only methods that the contract has', async () => {
    const methods = await contractMethods()
    const named = driverCases.flatMap(({ promise }) => {
      const pattern = new RegExp(`\\b(?:${Object.keys(facets).join('|')})\\.[a-z]\\w+`, 'g')
      return [...promise.matchAll(pattern)].map(([method]) => method)
    })
    expect([...new Set(named)].filter((method) => !methods.includes(method))).toEqual([])
  })

  it('needs the facet wherever it needs a degree of it', () => {
    const ofDegrees = driverCases.filter(({ needs }) => needs.some((need) => need.includes('snapshots.')))
    expect(ofDegrees.length).toBeGreaterThan(5)
    expect(ofDegrees.filter(({ needs }) => !needs.includes('snapshots'))).toEqual([])
  })
})

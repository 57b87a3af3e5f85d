import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { allowedLicences, copyleft } from '../house-rules.ts'
import { billOfMaterials, type Component } from './bill-of-materials.ts'
import { listPackages } from './packages.ts'

const { project } = inject('installed')
const packages = listPackages()
const bill = billOfMaterials(project)
const components = new Map(bill.components.map((component) => [component['bom-ref'], component]))

/** Everything that a package brings along, itself included. */
function broughtBy(name: string): Component[] {
  const seen = new Set<string>()
  const visit = (ref: string): void => {
    if (seen.has(ref)) return
    seen.add(ref)
    for (const next of bill.dependencies.find((each) => each.ref === ref)?.dependsOn ?? []) visit(next)
  }
  visit(bill.components.find((component) => component.name === name)?.['bom-ref'] ?? name)
  return [...seen].flatMap((ref) => components.get(ref) ?? [])
}
const licenceOf = ({ licenses = [] }: Component): string =>
  licenses.map(({ license, expression }) => expression ?? license?.id ?? 'none').join(' ') || 'none'

describe('the bill of materials', () => {
  it('has everything that was installed, and no place on this machine', () => {
    const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, object>
    }
    const installed = Object.keys(lock.packages).flatMap((path) => path.split('node_modules/').at(-1) || [])
    expect(installed.length).toBeGreaterThan(packages.length)
    expect(bill.components.map(({ name }) => name).toSorted()).toEqual(installed.toSorted())
    expect(JSON.stringify(bill)).not.toContain('file:')
  })

  it.each(packages.map(({ manifest }) => [manifest.name, manifest] as const))(
    'has what %s depends on',
    (name, manifest) => {
      const brought = broughtBy(name).map((component) => component.name)
      expect(brought).toEqual(expect.arrayContaining([name, ...Object.keys(manifest.dependencies ?? {})]))
    },
  )

  it.each(packages.map(({ manifest }) => [manifest.name, manifest.license!] as const))(
    '%s brings only what its licence, %s, goes with',
    (name, own) => {
      const unfit = broughtBy(name)
        .map((component) => ({ name: component.name, licence: licenceOf(component) }))
        .filter(({ licence }) => !allowedLicences.includes(licence) && !(copyleft.test(own) && copyleft.test(licence)))
      expect(unfit).toEqual([])
    },
  )
})

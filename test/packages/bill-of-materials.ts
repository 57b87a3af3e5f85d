import { needs, npm } from './install.ts'

/** The part of CycloneDX 1.5 that npm writes and we look at. */
export interface BillOfMaterials {
  readonly bomFormat: 'CycloneDX'
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

export interface Component {
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly licenses?: readonly { readonly license?: { readonly id?: string }; readonly expression?: string }[]
  readonly externalReferences: readonly { readonly type: string; readonly url: string }[]
}

/**
 * What somebody gets who installs our packages: taken from a project into which their tarballs were installed, because from the
 * workspaces npm tells of what tests and examples need, and leaves out what they share with production.
 */
export function billOfMaterials(project: string): BillOfMaterials {
  const bill = JSON.parse(needs(npm(project, 'sbom', '--sbom-format', 'cyclonedx'))) as BillOfMaterials
  // Where a tarball lay when it was installed is nobody's business.
  const components = bill.components.map((component) => ({
    ...component,
    externalReferences: component.externalReferences.filter(({ url }) => !url.startsWith('file:')),
  }))
  return { ...bill, components }
}

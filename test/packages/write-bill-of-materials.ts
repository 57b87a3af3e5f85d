import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { billOfMaterials } from './bill-of-materials.ts'
import { installPackages } from './install.ts'
import { root } from './packages.ts'

// `npm run sbom`: what a release brings along, as CycloneDX, into `sbom.cdx.json`.

using installed = installPackages()
const bill = billOfMaterials(installed.project)
const file = join(root, 'sbom.cdx.json')
writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`)
console.log(`${file}: ${bill.components.length} components`)

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listPackages } from './packages.ts'

// Part of `npm run version-packages`: core says its version without reading its manifest, which bundlers leave behind.

const core = listPackages().find(({ home }) => home === 'core')!
const file = join(core.folder, 'src/updates/kit-version.ts')
const text = readFileSync(file, 'utf8').replace(/(kitVersion = )'.*'/, `$1'${core.manifest.version}'`)
writeFileSync(file, text)

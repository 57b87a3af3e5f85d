import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { renderOsinfoFacts } from './osinfo-facts.ts'

const path = fileURLToPath(new URL('../../src/catalog/osinfo.generated.ts', import.meta.url))
writeFileSync(path, renderOsinfoFacts())
execFileSync('npx', ['oxfmt', path], { stdio: 'inherit' })

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderReference } from './render-reference.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
for (const [path, text] of renderReference(root)) writeFileSync(join(root, path), text)

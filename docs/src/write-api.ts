import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Exports } from './declarations.ts'
import { apiPageOf, listDoors } from './doors.ts'
import { renderApi } from './render-api.ts'

// Makes the pages about the packages' doors, each time that the site is built: they are kept nowhere, so that none can be old.
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'docs/reference/api')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const { name, source } of listDoors(root)) {
  const found = new Exports((path) => readFileSync(join(root, path), 'utf8'), source)
  writeFileSync(join(folder, apiPageOf(name)), renderApi(name, found))
}

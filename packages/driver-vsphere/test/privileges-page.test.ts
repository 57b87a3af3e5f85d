import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { type PrivilegeScope, neededPrivileges } from '../src/index.ts'

const places: Readonly<Record<PrivilegeScope, string>> = {
  folder: 'folder of machines',
  pool: 'resource pool',
  datastore: 'datastore',
  network: 'network',
}

it('the README lists the privileges that the pre-flight asks for', async () => {
  const page = await readFile(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8')
  const [, table = ''] = /<!-- privileges -->\n([^]*?)<!-- \/privileges -->/.exec(page) ?? []
  const rows = table
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .filter((cells) => cells[1]?.includes('.'))
    .map((cells) => cells.slice(1, 4))
  expect(rows).toEqual(neededPrivileges.map(({ operation, privilege, on }) => [operation, privilege, places[on]]))
})

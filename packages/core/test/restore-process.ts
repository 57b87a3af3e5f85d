import { ContainerModule } from 'inversify'
import type { DatabaseOptions } from '../src/database/open-database.ts'
import { tokens } from '../src/inversify.ts'
import { openKit } from './backup-lab.ts'

/**
 * Restores and stops just before the commit: `restore-process.ts DATABASE BACKUP` prints `done` when everything is replaced, and
 * waits to be killed.
 */
const [database, path] = process.argv.slice(2)
if (database === undefined || path === undefined) throw new Error('name a database and a backup')
const modules = [
  new ContainerModule(({ rebind }) => {
    rebind(tokens.Events).toConstantValue({
      append: async (_, { type }) => {
        if (type !== 'backup.restored') return
        process.stdout.write('done\n')
        await new Promise(() => setInterval(() => {}, 1000))
      },
      on: () => () => {},
      list: async () => [],
    })
  }),
]
const key = process.env['VIRTKIT_TEST_KEY'] ?? ''
const encryption = { keys: [{ id: 'test', key }] }
const kit = await openKit(JSON.parse(database) as DatabaseOptions, { modules, encryption })
await kit.backup.restore(path)

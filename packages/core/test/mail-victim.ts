import { type DatabaseOptions, createVirtkit } from '../src/index.ts'
import { mailKitOptions } from './mail-kit.ts'

// A process that sends what waits to be sent, until it is killed: `node mail-victim.ts <database> <certificate>`.

const [database = '', ca = ''] = process.argv.slice(2)
await createVirtkit(mailKitOptions(JSON.parse(database) as DatabaseOptions, ca))
setInterval(() => {}, 1000)

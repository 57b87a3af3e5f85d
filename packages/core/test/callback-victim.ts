import { flushCompileCache } from 'node:module'
import { type DatabaseOptions, createVirtkit } from '../src/index.ts'
import { callbackKitOptions } from './callback-kit.ts'

// A process that delivers callbacks until it is killed: `node callback-victim.ts <database>`.

// Whoever is killed writes nothing at its end.
flushCompileCache()

await createVirtkit(callbackKitOptions(JSON.parse(process.argv[2] ?? '') as DatabaseOptions))
setInterval(() => {}, 1000)

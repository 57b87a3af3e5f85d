import { describe, it } from 'node:test'
import { Secret } from '@virtkit/spi'
import { describeDriver } from '@virtkit/spi/conformance'
import { AcmeCloud } from '../cloud/acme-cloud.ts'
import { acmeDriver } from '../src/index.ts'

// The same cases under node:test. Run by `node-test.test.ts`; no hooks, so that it shows what the bare driver is checked for.
const cloud = new AcmeCloud('token')
const options = { url: 'acme://lab', password: new Secret('token') }
describeDriver({ describe, it }, { driver: acmeDriver(() => cloud), options })

import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { createVirtkit } from '@virtkit/core'
import { simulated } from '@virtkit/driver-simulated'
import { createRestServer } from '@virtkit/rest'
import { mountNest } from '@virtkit/rest/nest'

const kit = await createVirtkit({ database: { sqlite: ':memory:' }, drivers: [simulated] })
const password = process.env['ADMIN_PASSWORD'] ?? ''
await kit.users.add({ name: 'admin', password, permissionGroups: ['administrator'] })

const rest = createRestServer(kit, { base: '/vm/rest/v1' })

// An application of Nest, its decorators called as functions: the sources run as they stand.
class Pages {
  own(): string {
    return 'the page of the host\n'
  }
}
Get()(Pages.prototype, 'own', Object.getOwnPropertyDescriptor(Pages.prototype, 'own')!)
Controller()(Pages)

class AppModule {
  async onModuleDestroy(): Promise<void> {
    await rest.close()
    await kit.close()
  }
}
Module({ controllers: [Pages] })(AppModule)

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
mountNest(app, rest)

await app.listen(0, '127.0.0.1')
console.log(`${await app.getUrl()}${rest.base}`)
process.once('SIGTERM', () => void app.close())

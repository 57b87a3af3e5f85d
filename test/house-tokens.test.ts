import { createVirtkit } from '@virtkit/core'
import { type Opened, tokens, virtkitModules } from '@virtkit/core/inversify'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { systemClock } from '@virtkit/spi'
import { Container, type ServiceIdentifier } from 'inversify'
import { expect, it } from 'vitest'

const all = Object.entries(tokens) as [string, ServiceIdentifier][]

/** The modules in a container of the host's own, on a kit's database. */
async function hostContainer(): Promise<{ container: Container; close(): Promise<void> }> {
  const { driver } = createSimulatedHypervisor({ guests: 'none' })
  const kit = await createVirtkit({ database: { sqlite: ':memory:' }, drivers: [driver] })
  const opened: Opened = {
    options: {
      database: { sqlite: ':memory:' },
      drivers: [driver],
      tokens: { lifetimeMs: 3_600_000 },
      operations: { work: true, concurrency: 1, perCluster: 1, perGroup: 1, pollMs: 1000, leaseMs: 8000 },
      onError: () => {},
      clock: systemClock,
      random: Math.random,
    },
    database: kit.database,
    installation: kit.installation,
    keyring: { seal: String, open: () => expect.unreachable(), isStale: () => false, derive: () => expect.unreachable() },
    clock: systemClock,
    ids: () => 'id',
    random: Math.random,
    drivers: [driver],
    catalog: kit.catalog,
    media: () => expect.unreachable(),
  }
  // Transient by default, as a host's container may be: every scope must be said.
  const container = new Container({ defaultScope: 'Transient' })
  container.load(...virtkitModules(opened))
  return { container, close: () => kit.close() }
}

/** What does not resolve, or resolves to two different things. */
function unresolved(container: Container, list: readonly [string, ServiceIdentifier][]): string[] {
  if (list.length === 0) throw new Error('there is no token to resolve')
  return list.flatMap(([name, token]) => {
    try {
      return Object.is(container.get(token), container.get(token)) ? [] : [`${name} is not a singleton`]
    } catch (error) {
      return [`${name} does not resolve: ${String(error)}`]
    }
  })
}

it('every token resolves, and always to the same thing', async () => {
  const { container, close } = await hostContainer()
  expect(unresolved(container, all)).toEqual([])
  await close()
})

it('a token that nobody binds, one that is not a singleton and an empty list are noticed', async () => {
  const { container, close } = await hostContainer()
  const forgotten = Symbol.for('virtkit/Forgotten')
  const fleeting = Symbol.for('virtkit/Fleeting')
  container.bind(fleeting).toDynamicValue(() => ({}))
  expect(unresolved(container, [['Forgotten', forgotten]])[0]).toMatch(/^Forgotten does not resolve/)
  expect(unresolved(container, [['Fleeting', fleeting]])).toEqual(['Fleeting is not a singleton'])
  expect(() => unresolved(container, [])).toThrow('no token')
  await close()
})

import { simulated } from '@virtkit/driver-simulated'
import { type AnyDriver, type Hypervisor, defineDriver } from '@virtkit/spi'
import type { SideEffects } from './side-effects.ts'

/** What changes nothing; every other method of a facet is a side effect. */
const reads = /^inventory\.|\.(find|findByKey|list|read|addresses|missing|changes)$/

/** The simulated driver, which goes to this simulator whatever the cluster's row says. */
export function driverTo(url: string, effects?: SideEffects): AnyDriver {
  return defineDriver({
    ...simulated,
    connect: async (options, call) => {
      const hypervisor = await simulated.connect({ ...options, url }, call)
      return effects ? watched(hypervisor, effects) : hypervisor
    },
  })
}

function watched(hypervisor: Hypervisor, effects: SideEffects): Hypervisor {
  const facets = Object.entries(hypervisor).map(([name, facet]) => [name, watchedFacet(name, facet, effects)])
  const dispose = (): PromiseLike<void> => hypervisor[Symbol.asyncDispose]()
  return { ...(Object.fromEntries(facets) as Hypervisor), [Symbol.asyncDispose]: dispose }
}

function watchedFacet(name: string, facet: object, effects: SideEffects): object {
  return new Proxy(facet, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property, target)
      const effectName = `${name}.${String(property)}`
      if (typeof method !== 'function' || reads.test(effectName)) return method
      return async (...values: unknown[]): Promise<unknown> => {
        const effect = effects.before(effectName)
        try {
          return await (method.apply(target, values) as Promise<unknown>)
        } finally {
          effects.after(effect)
        }
      }
    },
  })
}

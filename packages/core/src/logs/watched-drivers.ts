import type { AnyDriver, Hypervisor } from '@virtkit/spi'

/** Does the work of a call (`machines.create`), which it may give other arguments; everything of it goes through here. */
export type Watch = (call: string, given: readonly unknown[], work: (given: readonly unknown[]) => unknown) => unknown

/** The same drivers, each of whose calls goes through a watch of its driver's own. */
export function watchedDrivers(drivers: readonly AnyDriver[], watchOf: (driver: string) => Watch): readonly AnyDriver[] {
  return drivers.map((driver) => {
    const watch = watchOf(driver.name)
    return {
      ...driver,
      connect: async (...given: Parameters<AnyDriver['connect']>) => {
        const connect = (as: readonly unknown[]): unknown => driver.connect(...(as as typeof given))
        return watchedHypervisor((await watch('connect', given, connect)) as Hypervisor, watch)
      },
    }
  })
}

/** Facets are objects of functions, and what is no facet stays as it is. */
function watchedHypervisor(hypervisor: Hypervisor, watch: Watch): Hypervisor {
  const facets = new Map<PropertyKey, unknown>()
  return new Proxy(hypervisor, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value === 'function') return value.bind(target)
      if (typeof value !== 'object' || value === null || name === 'about') return value
      if (!facets.has(name)) facets.set(name, watchedFacet(String(name), value, watch))
      return facets.get(name)
    },
  })
}

function watchedFacet(facet: string, operations: object, watch: Watch): object {
  return new Proxy(operations, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...given: unknown[]): unknown =>
        watch(`${facet}.${String(name)}`, given, (as) => Reflect.apply(value, target, as as unknown[]) as unknown)
    },
  })
}

import { type AnyDriver, type Hypervisor, toVirtkitError } from '@virtkit/spi'
import { errorFields } from './log-rules.ts'
import type { Log } from './logs.ts'

/** The same drivers, whose calls are logged when they fail: which call, how it failed and how long it took; never what it was given. */
export function loggedDrivers(drivers: readonly AnyDriver[], log: Log): readonly AnyDriver[] {
  return drivers.map((driver) => ({
    ...driver,
    connect: async (options: never, call) => {
      const watch = watcher(driver.name, log)
      const hypervisor = await watch('connect', () => driver.connect(options, call))
      return loggedHypervisor(hypervisor, watch)
    },
  }))
}

type Watch = <T>(call: string, work: () => T) => T

function watcher(driver: string, log: Log): Watch {
  return (call, work) => {
    const startedAt = performance.now()
    const failed = (cause: unknown): never => {
      const error = toVirtkitError(cause)
      const tookMs = Math.round(performance.now() - startedAt)
      const level = error.code === 'CANCELLED' ? 'debug' : 'warning'
      log.write('integrator', level, 'driver call failed', { driver, call, tookMs, ...errorFields(error) })
      throw cause
    }
    try {
      const result = work()
      return result instanceof Promise ? (result.catch(failed) as typeof result) : result
    } catch (error) {
      return failed(error)
    }
  }
}

/** Facets are objects of functions, and what is no facet stays as it is. */
function loggedHypervisor(hypervisor: Hypervisor, watch: Watch): Hypervisor {
  const facets = new Map<PropertyKey, unknown>()
  return new Proxy(hypervisor, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value === 'function') return value.bind(target)
      if (typeof value !== 'object' || value === null || name === 'about') return value
      if (!facets.has(name)) facets.set(name, loggedFacet(String(name), value, watch))
      return facets.get(name)
    },
  })
}

function loggedFacet(facet: string, operations: object, watch: Watch): object {
  return new Proxy(operations, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...given: unknown[]): unknown =>
        watch(`${facet}.${String(name)}`, () => Reflect.apply(value, target, given) as unknown)
    },
  })
}

import { isVirtkitError } from '@virtkit/spi'
import { actingAs, actingOf } from '../access/acting.ts'
import type { By } from '../access/actor.ts'

/**
 * The same services, where each call carries who makes it to everything that is written on its behalf, and a refusal is noted
 * before it is thrown. Rooms need not hand it on, and none can forget to.
 */
export function actingServices<T extends object>(services: T, refused: (permission: string, by: By) => Promise<void>): T {
  const wrap = (service: object): object =>
    // Not over the service itself: one that is frozen would have to answer its very own methods.
    new Proxy(Object.create(Object.getPrototypeOf(service) as object) as object, {
      get(own, property) {
        if (Object.hasOwn(own, property)) return Reflect.get(own, property)
        const method: unknown = Reflect.get(service, property, service)
        if (typeof method !== 'function') return method
        return (...args: unknown[]): unknown => {
          const by = byOf(args)
          const result: unknown = actingAs(actingOf(by), () => Reflect.apply(method, service, args))
          return by && result instanceof Promise
            ? result.catch((error: unknown) => noteRefusal(error, by, refused))
            : result
        }
      },
      has: (_, property) => Reflect.has(service, property),
    })
  return Object.fromEntries(Object.entries(services).map(([name, service]) => [name, wrap(service as object)])) as T
}

/** What accompanies a call: its last argument that says who. */
function byOf(args: readonly unknown[]): By | undefined {
  const last = args.findLast((each) => each !== undefined)
  return typeof last === 'object' && last !== null && Object.hasOwn(last, 'actor') ? (last as By) : undefined
}

async function noteRefusal(error: unknown, by: By, refused: (permission: string, by: By) => Promise<void>): Promise<never> {
  if (isVirtkitError(error, 'FORBIDDEN') && error.details.permission !== undefined) {
    await refused(error.details.permission, by)
  }
  throw error
}

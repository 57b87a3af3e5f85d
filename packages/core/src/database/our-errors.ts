import type { DatabaseConnection, Dialect, Driver } from 'kysely'
import type { Engine } from './database.ts'
import { toDatabaseError } from './database-errors.ts'

/** A dialect whose errors are ours where they tell of the database itself: in a transaction, and in every query by itself. */
export function ourErrors(dialect: Dialect, engine: Engine): Dialect {
  return {
    createDriver: () => telling(dialect.createDriver(), engine, connectionsTell),
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}

function connectionsTell(property: string | symbol, result: unknown, engine: Engine): unknown {
  return property === 'acquireConnection' ? telling(result as DatabaseConnection, engine) : result
}

/** The same object, whose promises reject with our errors. */
function telling<T extends Driver | DatabaseConnection>(
  object: T,
  engine: Engine,
  then: (property: string | symbol, result: unknown, engine: Engine) => unknown = (_, result) => result,
): T {
  return new Proxy(object, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function') return value
      return (...given: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(value, target, given)
        if (!(answer instanceof Promise)) return answer
        return answer.then(
          (result: unknown) => then(property, result, engine),
          (error: unknown) => Promise.reject(toDatabaseError(engine, error)),
        )
      }
    },
  })
}

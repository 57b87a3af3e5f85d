import type { Clock } from '@virtkit/spi'
import type { DatabaseConnection, Dialect, Driver } from 'kysely'

/**
 * A dialect whose work stops a virtual clock: no time passes while a connection is in use, however slow the database is. With
 * the system's clock nothing changes.
 */
export function clockedDialect(dialect: Dialect, clock: Clock): Dialect {
  return {
    createDriver: () => clockedDriver(dialect.createDriver(), clock),
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}

function clockedDriver(driver: Driver, clock: Clock): Driver {
  const inUse = new Map<DatabaseConnection, () => void>()
  return new Proxy(driver, {
    get(target, property) {
      if (property === 'acquireConnection') {
        return async (...options: Parameters<Driver['acquireConnection']>) => {
          const connection = await clock.during(() => target.acquireConnection(...options))
          void clock.during(() => new Promise<void>((resolve) => inUse.set(connection, resolve)))
          return connection
        }
      }
      if (property === 'releaseConnection') {
        return (connection: DatabaseConnection, ...rest: never[]) => {
          inUse.get(connection)?.()
          inUse.delete(connection)
          return target.releaseConnection(connection, ...rest)
        }
      }
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

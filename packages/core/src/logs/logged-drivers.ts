import { type AnyDriver, toVirtkitError } from '@virtkit/spi'
import { errorFields } from './log-rules.ts'
import type { KnownSecrets } from './known-secrets.ts'
import type { Log } from './logs.ts'
import { type Watch, watchedDrivers } from './watched-drivers.ts'

/**
 * The same drivers, whose calls are logged when they fail: which call, how it failed and how long it took; never what it was given. What
 * they throw goes on without secrets that are known.
 */
export function loggedDrivers(drivers: readonly AnyDriver[], log: Log, secrets: KnownSecrets): readonly AnyDriver[] {
  return watchedDrivers(drivers, (driver) => watcher(driver, log, secrets))
}

function watcher(driver: string, log: Log, secrets: KnownSecrets): Watch {
  return (call, given, work) => {
    const startedAt = performance.now()
    const failed = (thrown: unknown): never => {
      const cause = secrets.cleaned(thrown)
      const error = toVirtkitError(cause)
      const tookMs = Math.round(performance.now() - startedAt)
      const level = error.code === 'CANCELLED' ? 'debug' : 'warning'
      log.write('integrator', level, 'driver call failed', { driver, call, tookMs, ...errorFields(error) })
      throw cause
    }
    try {
      const result = work(given)
      return result instanceof Promise ? result.catch(failed) : result
    } catch (error) {
      return failed(error)
    }
  }
}

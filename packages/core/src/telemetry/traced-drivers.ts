import type { AnyDriver, Call } from '@virtkit/spi'
import { acting } from '../access/acting.ts'
import { type Watch, watchedDrivers } from '../logs/watched-drivers.ts'
import type { Telemetry } from './telemetry.ts'

/** The same drivers, whose calls are spans, and who are told of which: the name of the call and how it ended, never what it was given. */
export function tracedDrivers(drivers: readonly AnyDriver[], telemetry: Telemetry): readonly AnyDriver[] {
  return watchedDrivers(drivers, (driver) => watcher(driver, telemetry))
}

function watcher(driver: string, telemetry: Telemetry): Watch {
  return (name, given, work) => {
    const place = given.findLastIndex(isCall)
    const call = given[place] as Call | undefined
    const labels = { 'virtkit.driver': driver, 'virtkit.call': name }
    const about = { kind: 'client', parent: call?.trace ?? acting().trace, labels } as const
    return telemetry.span(`${driver} ${name}`, about, (trace) => {
      if (!call || trace === undefined || trace === call.trace) return work(given)
      return work(given.with(place, { ...call, trace }))
    })
  }
}

/** What accompanies a call can be told from what is asked for by its signal. */
function isCall(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'signal' in given && given.signal instanceof AbortSignal
}

import type { InstrumentAbout, Observation, Telemetry } from '../telemetry/telemetry.ts'
import type { InstallationStatistics, Statistics } from './statistics.ts'

const MiB = 1024 ** 2
const ofGroup = 'of a group with a contingent; memory and disk in bytes.'

export type InstallationGauge =
  | 'virtkit.operations'
  | 'virtkit.machines'
  | `virtkit.contingent.${'limit' | 'used' | 'reserved'}`
  | 'virtkit.addresses'
  | 'virtkit.callback_deliveries'

/** What the gauges of an installation mean, wherever they are shown. With `_` for the dot, Prometheus' names. */
export const installationGauges: Readonly<Record<InstallationGauge, InstrumentAbout>> = {
  'virtkit.operations': { description: 'Operations under way.' },
  'virtkit.machines': { description: 'Machines.' },
  'virtkit.contingent.limit': { description: `The limit ${ofGroup}` },
  'virtkit.contingent.used': { description: `What is used ${ofGroup}` },
  'virtkit.contingent.reserved': { description: `What is promised to operations ${ofGroup}` },
  'virtkit.addresses': { description: 'Addresses of a network; at least so many are free.' },
  'virtkit.callback_deliveries': { description: 'Callbacks to be delivered (due), and given up (dead).' },
}

/** What each gauge shows. */
export function observationsOf(
  statistics: InstallationStatistics,
): readonly (Observation & { readonly name: InstallationGauge })[] {
  const { operations, machines, contingents, addresses, callbacks } = statistics
  const observation = (name: InstallationGauge, value: number, labels: Observation['labels']) => ({ name, value, labels })
  return [
    ...operations.map(({ kind, state, count }) => observation('virtkit.operations', count, { kind, state })),
    ...machines.map(({ state, count }) => observation('virtkit.machines', count, { state })),
    ...contingents.flatMap(({ group, name, limits, used, reserved }) =>
      Object.entries({ limit: limits, used, reserved }).flatMap(([what, amount]) =>
        Object.entries(amount).map(([dimension, value]) => {
          const unit = dimension === 'memory' || dimension === 'disk' ? MiB : 1
          return observation(`virtkit.contingent.${what}` as InstallationGauge, value * unit, { group, name, dimension })
        }),
      ),
    ),
    ...addresses.flatMap(({ network, name, ...counts }) =>
      Object.entries(counts).map(([state, count]) => observation('virtkit.addresses', count, { network, name, state })),
    ),
    observation('virtkit.callback_deliveries', callbacks.due, { state: 'due' }),
    observation('virtkit.callback_deliveries', callbacks.dead, { state: 'dead' }),
  ]
}

/** Shows them to the host's OpenTelemetry until it is disposed. Nothing is read unless somebody collects. */
export function observeStatistics(statistics: Statistics, telemetry: Telemetry): AsyncDisposable {
  const stop = telemetry.observe(installationGauges, async () => observationsOf(await statistics.read()))
  return { [Symbol.asyncDispose]: async () => stop() }
}

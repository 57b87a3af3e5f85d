import { type InstallationStatistics, installationGauges, observationsOf } from '@virtkit/core'
import { Gauge, type Registry } from 'prom-client'
import { prometheusName } from './prometheus-name.ts'

/** What labels each has, which this format wants to know beforehand. */
const labels: Readonly<Record<keyof typeof installationGauges, readonly string[]>> = {
  'virtkit.operations': ['kind', 'state'],
  'virtkit.machines': ['state'],
  'virtkit.contingent.limit': ['group', 'name', 'dimension'],
  'virtkit.contingent.used': ['group', 'name', 'dimension'],
  'virtkit.contingent.reserved': ['group', 'name', 'dimension'],
  'virtkit.addresses': ['network', 'name', 'state'],
  'virtkit.callback_deliveries': ['state'],
}

/** What there is in the installation now: the same whichever process is asked. */
export class InstallationGauges {
  readonly #gauges: ReadonlyMap<string, Gauge>

  constructor(registry: Registry) {
    this.#gauges = new Map(
      Object.entries(labels).map(([name, labelNames]) => {
        const { description: help } = installationGauges[name as keyof typeof labels]
        return [name, new Gauge({ name: prometheusName(name), help, labelNames: [...labelNames], registers: [registry] })]
      }),
    )
  }

  show(statistics: InstallationStatistics): void {
    // What is gone is not told any more.
    for (const gauge of this.#gauges.values()) gauge.reset()
    for (const { name, value, labels: of } of observationsOf(statistics)) this.#gauges.get(name)?.set(of, value)
  }
}

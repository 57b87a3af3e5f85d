import type { InstallationStatistics } from '@virtkit/core'
import { Gauge, type Registry } from 'prom-client'

const MiB = 1024 ** 2

/** What there is in the installation now: the same whichever process is asked. */
export class InstallationGauges {
  readonly #operations: Gauge<'kind' | 'state'>
  readonly #machines: Gauge<'state'>
  readonly #contingents: Readonly<Record<'limits' | 'used' | 'reserved', Gauge<'group' | 'name' | 'dimension'>>>
  readonly #addresses: Gauge<'network' | 'name' | 'state'>
  readonly #callbacks: Gauge<'state'>

  constructor(registry: Registry) {
    const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> =>
      new Gauge({ name: `virtkit_${name}`, help, labelNames, registers: [registry] })
    this.#operations = gauge('operations', 'Operations under way.', 'kind', 'state')
    this.#machines = gauge('machines', 'Machines.', 'state')
    const ofGroup = ['group', 'name', 'dimension'] as const
    const unit = 'of a group with a contingent; memory and disk in bytes.'
    this.#contingents = {
      limits: gauge('contingent_limit', `The limit ${unit}`, ...ofGroup),
      used: gauge('contingent_used', `What is used ${unit}`, ...ofGroup),
      reserved: gauge('contingent_reserved', `What is promised to operations ${unit}`, ...ofGroup),
    }
    this.#addresses = gauge('addresses', 'Addresses of a network; at least so many are free.', 'network', 'name', 'state')
    this.#callbacks = gauge('callback_deliveries', 'Callbacks to be delivered (due), and given up (dead).', 'state')
  }

  show({ operations, machines, contingents, addresses, callbacks }: InstallationStatistics): void {
    const { limits, used, reserved } = this.#contingents
    // What is gone is not told any more.
    for (const each of [this.#operations, this.#machines, limits, used, reserved, this.#addresses]) each.reset()
    for (const { kind, state, count } of operations) this.#operations.set({ kind, state }, count)
    for (const { state, count } of machines) this.#machines.set({ state }, count)
    for (const { group, name, ...amounts } of contingents) {
      for (const what of ['limits', 'used', 'reserved'] as const) {
        for (const [dimension, value] of Object.entries(amounts[what])) {
          const unit = dimension === 'memory' || dimension === 'disk' ? MiB : 1
          this.#contingents[what].set({ group, name, dimension }, value * unit)
        }
      }
    }
    for (const { network, name, ...counts } of addresses)
      for (const [state, count] of Object.entries(counts)) this.#addresses.set({ network, name, state }, count)
    this.#callbacks.set({ state: 'due' }, callbacks.due)
    this.#callbacks.set({ state: 'dead' }, callbacks.dead)
  }
}

import type { DomainEvent, EventSink } from '@virtkit/spi'
import type { Database } from '../database/database.ts'
import type { CallbackNotice, Callbacks } from './callbacks.ts'

/** Which events a cluster's callbacks are told of. */
const told: Readonly<Record<string, CallbackNotice['when']>> = {
  'install.started': 'start',
  'install.ready': 'success',
  'install.failed': 'error',
  'machine.deleted': 'delete',
}

/** Turns events into deliveries. It reads stored events from where it stopped, so none is missed; a repeated one is known by its id. */
export class CallbackFeed implements EventSink {
  readonly name = 'virtkit/callbacks'
  readonly #database: Database
  readonly #callbacks: Callbacks

  constructor(database: Database, callbacks: Callbacks) {
    this.#database = database
    this.#callbacks = callbacks
  }

  async deliver(events: readonly DomainEvent[]): Promise<void> {
    const due = events.flatMap((event) => {
      const when = told[event.type]
      const { cluster, ...data } = event.data
      if (when === undefined || typeof cluster !== 'number') return []
      return [{ cluster, notice: { id: event.id, when, subject: event.subject, at: event.at, data } }]
    })
    if (due.length === 0) return
    await this.#database.transaction(async (queries) => {
      for (const { cluster, notice } of due) await this.#callbacks.enqueue(queries, cluster, notice)
    })
  }
}

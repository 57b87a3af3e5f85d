import type { Clock } from '@virtkit/spi'
import type { Database } from '../database/database.ts'

/** How long one process tells a sink without having come further; then another may. */
const heldMs = 30_000

/**
 * The right to tell a sink of events: one process has it at a time, so a sink hears each event once and in order, unless that one dies or
 * takes too long.
 */
export class SinkTurn {
  readonly #database: Database
  readonly #clock: Clock
  readonly #sink: string
  readonly #holder: string
  #heldUntil = 0

  constructor(database: Database, clock: Clock, sink: string, holder: string) {
    this.#database = database
    this.#clock = clock
    this.#sink = sink
    this.#holder = holder
  }

  /** How far the sink was told, by whichever process. */
  async position(): Promise<number> {
    const row = await this.#database.queries
      .selectFrom('eventCursors')
      .select('position')
      .where('sink', '=', this.#sink)
      .executeTakeFirst()
    return row?.position ?? 0
  }

  /** Takes the turn, for who has read on from this position; answers how long it lasts, 0 when another process has it. */
  async take(position: number): Promise<number> {
    const now = this.#clock.now()
    if (this.#heldUntil - now > heldMs / 2) return this.#heldUntil - now
    const heldUntil = now + heldMs
    const taken = await this.#database.queries
      .insertInto('eventCursors')
      .values({ sink: this.#sink, position, holder: this.#holder, heldUntil })
      .onConflict((known) =>
        known
          .column('sink')
          .doUpdateSet({ holder: this.#holder, heldUntil })
          .where('eventCursors.position', '=', position)
          .where(({ eb, or }) =>
            or([eb('eventCursors.holder', '=', this.#holder), eb('eventCursors.heldUntil', '<=', now)]),
          ),
      )
      .returning('sink')
      .executeTakeFirst()
    this.#heldUntil = taken ? heldUntil : 0
    return taken ? heldMs : 0
  }

  /** Says how far it was told now, and goes on. */
  async advance(from: number, to: number): Promise<void> {
    const heldUntil = this.#clock.now() + heldMs
    const { numUpdatedRows } = await this.#database.queries
      .updateTable('eventCursors')
      .set({ position: to, heldUntil })
      .where('sink', '=', this.#sink)
      .where('holder', '=', this.#holder)
      .where('position', '=', from)
      .executeTakeFirst()
    this.#heldUntil = numUpdatedRows === 1n ? heldUntil : 0
  }

  /** Leaves it to others at once. */
  async release(): Promise<void> {
    if (this.#heldUntil === 0) return
    this.#heldUntil = 0
    await this.#database.queries
      .updateTable('eventCursors')
      .set({ heldUntil: 0 })
      .where('sink', '=', this.#sink)
      .where('holder', '=', this.#holder)
      .execute()
  }
}

import type { Virtkit, VirtkitServices } from '@virtkit/core'
import type { Answer } from './answer.ts'
import type { Call } from './handler.ts'

/** What a handler is given in a transaction. What it holds of that after the commit goes on to work, outside. */
export class InsideTransaction {
  readonly call: Pick<Call, 'kit' | 'services' | 'afterCommit'>
  readonly #kit: Virtkit
  #now: Virtkit
  #later: (() => Promise<Answer>) | undefined

  constructor(kit: Virtkit, services: VirtkitServices) {
    this.#kit = kit
    // Whatever a handler takes of the kit is of the transaction as well.
    this.#now = { ...kit, ...services }
    const both = new Proxy(kit, { get: (_, name) => Reflect.get(this.#now, name) as unknown })
    const afterCommit: Call['afterCommit'] = (meanwhile, then) => {
      this.#later = then
      return meanwhile
    }
    this.call = { kit: both, services: both, afterCommit }
  }

  leave(): (() => Promise<Answer>) | undefined {
    this.#now = this.#kit
    return this.#later
  }
}

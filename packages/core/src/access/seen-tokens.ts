import type { UserActor } from './actor.ts'

/** What was last found of a token: enough to tell whether it is found again. */
export interface SeenToken {
  readonly row: string
  readonly actor: UserActor
}

/** So many are remembered; beyond, the one that was put first goes. */
const most = 1000

/** The tokens that this process has lately resolved, by their hashes. Nobody is let in by it: see `Tokens.presume`. */
export class SeenTokens {
  readonly #seen = new Map<string, SeenToken>()

  get(hash: string): SeenToken | undefined {
    return this.#seen.get(hash)
  }

  put(hash: string, token: SeenToken): void {
    this.#seen.delete(hash)
    this.#seen.set(hash, token)
    if (this.#seen.size > most) this.#seen.delete(this.#seen.keys().next().value!)
  }

  forget(hash: string): void {
    this.#seen.delete(hash)
  }
}

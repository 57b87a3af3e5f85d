export interface CommandErrorOptions {
  /** What to do next, as a sentence. */
  readonly hint: string
  /** Default `did-not-happen`. */
  readonly outcome?: 'did-not-happen' | 'unknown'
  readonly cause?: unknown
}

/** What goes wrong around the kit, and so has no code: a server that is not there, a question that nobody can be asked. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
  readonly hint: string
  readonly outcome: 'did-not-happen' | 'unknown'

  constructor(message: string, { hint, outcome = 'did-not-happen', cause }: CommandErrorOptions) {
    super(message, cause === undefined ? undefined : { cause })
    this.hint = hint
    this.outcome = outcome
  }

  toJSON(): { readonly message: string; readonly hint: string; readonly outcome: string } {
    const { message, hint, outcome } = this
    return { message, hint, outcome }
  }
}

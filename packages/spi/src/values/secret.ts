/**
 * A string that does not print itself: not in a log, a JSON text, a template or the inspector.
 *
 * @example
 * ```ts
 * const password = new Secret('hunter2')
 * `${password}`        // '[secret]'
 * password.reveal()    // 'hunter2'
 * ```
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Call it where the value is used, as late as possible. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  static {
    Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: () => '[secret]' })
  }
}

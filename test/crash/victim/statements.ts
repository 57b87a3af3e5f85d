import type { Effect, SideEffects } from './side-effects.ts'

/** What a kit does by itself now and then: whether it happens within a run is chance, and no operation hangs on it. */
const background = [
  /^update "operations" set "beat" =/,
  /\b(event_cursors|virtkit_\w+)\b/,
  /^\s*update events set position/,
  /^insert into "(boot_servers|audit_links)"/,
]

/**
 * The statements of one connection, of which it finds the side effects: commits of transactions that wrote something, and
 * writes outside of transactions. They are named after the events that they tell, or else after what they write.
 */
export class Statements {
  readonly #effects: SideEffects
  #transaction: string[] | undefined

  constructor(effects: SideEffects) {
    this.#effects = effects
  }

  before(sql: string, parameters: readonly unknown[]): Effect | undefined {
    if (/^(begin|start transaction)/.test(sql)) this.#transaction = []
    if (sql.startsWith('commit')) {
      const words = [...new Set(this.#transaction)]
      const told = words.filter((word) => !word.startsWith('write '))
      return words.length === 0 ? undefined : this.#effects.before(`commit ${(told.length > 0 ? told : words).join(', ')}`)
    }
    if (this.#transaction) return undefined
    const word = wordFor(sql, parameters)
    return word === undefined ? undefined : this.#effects.before(`commit ${word}`)
  }

  after(sql: string, parameters: readonly unknown[], written: number, effect: Effect | undefined): void {
    if (/^(commit|rollback)/.test(sql)) this.#transaction = undefined
    else if (this.#transaction && written > 0) {
      const word = wordFor(sql, parameters)
      if (word !== undefined) this.#transaction.push(word)
    }
    if (effect) this.#effects.after(effect)
  }
}

function wordFor(sql: string, parameters: readonly unknown[]): string | undefined {
  const table = /^\s*(?:insert into|update|delete from) "?(\w+)/.exec(sql)?.[1]
  if (table === undefined || background.some((pattern) => pattern.test(sql))) return undefined
  if (table === 'events') return eventWord(parameters)
  if (table === 'operations' && sql.includes('"fence" +')) return 'write claim'
  if (table === 'operations' && sql.includes('case when wake_at')) return 'write park'
  return `write ${table}`
}

/** `operation.progressed install-machine place` */
function eventWord(parameters: readonly unknown[]): string {
  const texts = parameters.filter((value) => typeof value === 'string')
  const type = texts.find((text) => /^[a-z]+\.[a-z-]+$/.test(text)) ?? 'event'
  const data = JSON.parse(texts.findLast((text) => text.startsWith('{')) ?? '{}') as Record<string, unknown>
  return [type, data.kind, data.step, data.phase].filter((part) => typeof part === 'string').join(' ')
}

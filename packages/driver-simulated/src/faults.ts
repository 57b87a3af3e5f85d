import type { Clock } from '@virtkit/spi'

/** Something that goes wrong on request. Plain data: it can be sent to a simulator in another process. */
export interface FaultRule {
  /** `machines.create`, `power.on`, `connect`, …, or `*`. */
  readonly method: string
  /**
   * - `refused`: it says no; nothing happened
   * - `busy`: it asks to come back later; nothing happened
   * - `gone`: no connection; nothing happened
   * - `answer-lost`: carried out, but the caller learns only that the connection broke (`outcome: 'unknown'`)
   * - `slow`: takes `ms` longer
   * - `hang`: is never answered; only an abort ends it
   */
  readonly kind: 'refused' | 'busy' | 'gone' | 'answer-lost' | 'slow' | 'hang'
  /** For `slow`: how long. For `busy`: what it tells as `retryAfterMs`. */
  readonly ms?: number
  /** For `slow` and `hang`: the work is done first, and then the answer waits. Default false. */
  readonly done?: boolean
  /** How often it happens. Default: always. */
  readonly times?: number
  /** So many calls pass before it begins. Default 0. */
  readonly after?: number
  /** Only calls about this machine. */
  readonly match?: { readonly ref?: string; readonly key?: string; readonly name?: string }
}

/** What a call is about, for `match`. */
export interface CallSubject {
  readonly ref?: string | undefined
  readonly key?: string | undefined
  readonly name?: string | undefined
}

export interface FaultState extends FaultRule {
  readonly id: number
  readonly fired: number
}

/** Faults on request. */
export interface Faults {
  /** `fired` resolves when it happens for the first time. */
  add(rule: FaultRule): { readonly id: number; readonly fired: Promise<void> }
  /** Of one that is not there: fine. */
  remove(id: number): void
  clear(): void
  /** Rules in the order of adding, with how often each has happened. */
  list(): readonly FaultState[]
}

/** Faults, as the simulator asks them: one rule for a call, the first that fits. */
export interface FaultSource extends Faults {
  take(method: string, subject: CallSubject): FaultRule | undefined
}

interface Entry {
  readonly id: number
  readonly rule: FaultRule
  readonly onFired: () => void
  passed: number
  fired: number
}

export function createFaults(): FaultSource {
  const entries = new Map<number, Entry>()
  let lastId = 0
  return {
    add: (rule) => {
      const id = (lastId += 1)
      const fired = new Promise<void>((resolve) => {
        entries.set(id, { id, rule: { ...rule }, onFired: resolve, passed: 0, fired: 0 })
      })
      return { id, fired }
    },
    remove: (id) => void entries.delete(id),
    clear: () => entries.clear(),
    list: () => [...entries.values()].map(({ id, rule, fired }) => ({ ...rule, id, fired })),
    take: (method, subject) => {
      for (const entry of entries.values()) {
        if (!fits(entry.rule, method, subject) || entry.fired >= (entry.rule.times ?? Infinity)) continue
        if (entry.passed < (entry.rule.after ?? 0)) {
          entry.passed += 1
          continue
        }
        entry.fired += 1
        entry.onFired()
        return entry.rule
      }
      return undefined
    },
  }
}

function fits(rule: FaultRule, method: string, subject: CallSubject): boolean {
  if (rule.method !== '*' && rule.method !== method) return false
  const wanted = Object.entries(rule.match ?? {})
  return wanted.every(([field, value]) => value === undefined || subject[field as keyof CallSubject] === value)
}

/** How long calls take: milliseconds by method, `*` for all others. A range is drawn from the world's seed. */
export type Latency = Readonly<Record<string, number | { readonly fromMs: number; readonly toMs: number }>>

/** Waits as long as this method takes. */
export async function delay(
  method: string,
  latency: Latency,
  random: () => number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const takes = latency[method] ?? latency['*'] ?? 0
  const ms = typeof takes === 'number' ? takes : takes.fromMs + Math.floor(random() * (takes.toMs - takes.fromMs + 1))
  if (ms > 0) await clock.sleep(ms, signal)
}

/** What is to go wrong, and when. */
export interface FaultRule {
  /** `POST`; default any. */
  readonly method?: string
  /** A path with `{names}` as the API has them (`/nodes/{node}/qemu`), one as it is asked for, or a pattern. Default any. */
  readonly path?: string | RegExp
  readonly kind: FaultKind
  /** `slow`, `timed-out-done-later`: how long, in the original's milliseconds. */
  readonly ms?: number
  /** `error`: default 500. */
  readonly status?: number
  /** `error`: the reason phrase. */
  readonly message?: string
  /** `error`: by parameter, such as `{ upid: 'no such task' }` with status 400. */
  readonly errors?: Readonly<Record<string, string>>
  /** How many requests it hits. Default all. */
  readonly times?: number
  /** How many go by first. Default none. */
  readonly after?: number
}

/**
 * - `refused`: 595 at once, not done.
 * - `timed-out`: 596 after thirty seconds, not done.
 * - `timed-out-done`: 596 after thirty seconds, and done before that.
 * - `timed-out-done-later`: 596 after thirty seconds, and done `ms` (default 1000) after that, as a busy daemon does it: who looks
 *   at once finds nothing yet.
 * - `reset`: the connection ends without an answer, not done.
 * - `answer-lost`: done, and the connection ends without an answer.
 * - `slow`: an answer, later.
 * - `error`: `status` and `message`, not done.
 */
export type FaultKind =
  | 'refused'
  | 'timed-out'
  | 'timed-out-done'
  | 'timed-out-done-later'
  | 'reset'
  | 'answer-lost'
  | 'slow'
  | 'error'

/** A task that begins as always, and fails (`message`) or ends with `WARNINGS: 1` (`warning`). */
export interface TaskFaultRule {
  /** `qmstart`. */
  readonly task: string
  /** Its exit status; nothing of its work is done. */
  readonly message?: string
  /** A line of its log; its work is done all the same. */
  readonly warning?: string
  readonly times?: number
  readonly after?: number
}

export interface Faults {
  /** Answers how to take the rule back. */
  add(rule: FaultRule | TaskFaultRule): () => void
  clear(): void
}

export interface FaultBook extends Faults {
  ofRequest(method: string, template: string | undefined, path: string): FaultRule | undefined
  ofTask(type: string): TaskFaultRule | undefined
}

export function createFaults(): FaultBook {
  let rules: { rule: FaultRule | TaskFaultRule; seen: number }[] = []
  const first = <Rule extends FaultRule | TaskFaultRule>(
    fits: (rule: FaultRule | TaskFaultRule) => rule is Rule,
  ): Rule | undefined => {
    for (const entry of rules) {
      const { rule } = entry
      if (!fits(rule)) continue
      entry.seen += 1
      const number = entry.seen - (rule.after ?? 0)
      if (number >= 1 && number <= (rule.times ?? Infinity)) return rule
    }
    return undefined
  }
  return {
    add: (rule) => {
      const entry = { rule, seen: 0 }
      rules.push(entry)
      return () => {
        rules = rules.filter((other) => other !== entry)
      }
    },
    clear: () => {
      rules = []
    },
    ofRequest: (method, template, path) =>
      first((rule): rule is FaultRule => {
        if ('task' in rule || (rule.method ?? method) !== method) return false
        if (rule.path === undefined) return true
        return typeof rule.path === 'string' ? [template, path].includes(rule.path) : rule.path.test(path)
      }),
    ofTask: (type) => first((rule): rule is TaskFaultRule => 'task' in rule && rule.task === type),
  }
}

import { readFileSync } from 'node:fs'

/** One exchange with a real server. `body` is missing where the recording cut it off. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly params?: Readonly<Record<string, string | number>>
  readonly status: number
  readonly reason: string
  readonly type?: string
  readonly body?: unknown
  /** The names of fields that stand in what there is of a body that was cut off. */
  readonly names?: readonly string[]
}

/** A line of a recording: an exchange, what became of a task, what was done at the server by hand, or a heading. */
export type Line =
  | Exchange
  | { readonly task: string; readonly exit: string; readonly log: readonly string[] }
  | { readonly box: string }
  | { readonly section: string }

export function readRecording(name: '8.4' | '9.2'): Line[] {
  const text = readFileSync(new URL(`recorded/pve-${name}.jsonl`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

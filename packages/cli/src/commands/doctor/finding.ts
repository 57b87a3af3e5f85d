/**
 * What was found of one thing. `missing`: what was asked for will not work; `warning`: it will, but not as well, or something that
 * was not asked for would not.
 */
export interface Finding {
  /** One word of ours: `node`, `database`, `tftp`. */
  readonly check: string
  readonly state: 'ok' | 'warning' | 'missing'
  readonly text: string
  /** What mends it: a command where there is one. */
  readonly fix?: string
}

export function ok(check: string, text: string): Finding {
  return { check, state: 'ok', text }
}

export function warning(check: string, text: string, fix?: string): Finding {
  return { check, state: 'warning', text, ...(fix !== undefined && { fix }) }
}

export function missing(check: string, text: string, fix?: string): Finding {
  return { check, state: 'missing', text, ...(fix !== undefined && { fix }) }
}

/** What the system calls it (`EACCES`); nothing of its sentence, which may hold what nobody should see. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'unknown'
}

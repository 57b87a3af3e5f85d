import { GuestStopped } from '../guest-context.ts'

/** Answers by question: `partman/confirm` → `true`. The last of several counts. */
export type PreseedAnswers = ReadonlyMap<string, string>

const types = new Set(['string', 'boolean', 'select', 'multiselect', 'password', 'note', 'text', 'error', 'title', 'seen'])

/**
 * Reads a preconfiguration file as debconf-set-selections(1) does: `owner question type value`; a backslash at the end of a
 * line continues it; `#` begins a comment at the start of a line only. Throws `GuestStopped`, as the installer would.
 */
export function readPreseed(text: string): PreseedAnswers {
  const answers = new Map<string, string>()
  const lines = text.replaceAll('\r\n', '\n').replaceAll(/\\\n/g, '').split('\n')
  lines.forEach((line, index) => {
    if (/^\s*(#|$)/.test(line)) return
    const [, question, type = '', value = ''] = /^\s*\S+\s+(\S+)\s+(\S+)(?:\s(.*))?$/.exec(line) ?? []
    if (question === undefined || !types.has(type)) malformed(index, 'no answer')
    else if (type === 'boolean' && value !== 'true' && value !== 'false') malformed(index, `${question} is true or false`)
    else answers.set(question, value)
  })
  return answers
}

function malformed(index: number, problem: string): never {
  throw new GuestStopped(`Failed to process the preconfiguration file: line ${index + 1}: ${problem}`)
}

/**
 * One value as one word, in each of the languages that answer files are written in. These are the second fence behind the
 * grammars: they keep any printable text in one piece, and refuse what no quoting can hold on one line.
 */

/** One word of a POSIX shell (Shell Command Language, 2.2.2). Throws on control characters. */
export function shellWord(text: string): string {
  refuseControl(text)
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** One argument of a kickstart command: Anaconda splits its lines as a POSIX shell would. */
export function kickstartWord(text: string): string {
  return /^[A-Za-z0-9@^$./:=,+_-]+$/.test(text) ? text : shellWord(text)
}

/** One answer of a preseed file: the rest of the line is the value, a backslash at its end would take the next line in. */
export function debconfAnswer(owner: string, question: string, type: string, value: string): string {
  refuseControl(value)
  if (value.endsWith('\\')) throw new Error(`the answer to ${question} ends in a backslash`)
  return value === '' ? `${owner} ${question} ${type}` : `${owner} ${question} ${type} ${value}`
}

/** One YAML scalar: a JSON string is a YAML double-quoted one (YAML 1.2.2, 1.3). */
export function yamlScalar(value: string | number | boolean): string {
  if (typeof value === 'string') refuseControl(value)
  return JSON.stringify(value)
}

function refuseControl(text: string): void {
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) throw new Error('a value holds a control character or a line break')
}

/** A script as iPXE reads it (https://ipxe.org/scripting): lines, and where its labels are. */
export interface IpxeScript {
  readonly lines: readonly string[]
  /** Number of the line with that label. */
  label(name: string): number | undefined
}

export const maximumScriptBytes: number = 256 * 1024

/** iPXE runs what begins like this as a script. */
export function isIpxeScript(bytes: Uint8Array): boolean {
  return /^#!ipxe\s/.test(Buffer.from(bytes.subarray(0, 8)).toString('latin1'))
}

export function readIpxeScript(text: string): IpxeScript {
  // A backslash at the end of a line continues it.
  const lines = text
    .replaceAll('\r\n', '\n')
    .replaceAll(/\\\n/g, '')
    .split('\n')
    .map((line) => line.trim())
  const labels = new Map<string, number>()
  lines.forEach((line, number) => {
    const [, name] = /^:(\S+)/.exec(line) ?? []
    if (name !== undefined && !labels.has(name)) labels.set(name, number)
  })
  return { lines, label: (name) => labels.get(name) }
}

export interface IpxeStep {
  /** Runs whatever happened, only after success, or only after failure. */
  readonly when: 'always' | 'success' | 'failure'
  /** Not yet expanded: an expanded value stays one word. Empty: does nothing, successfully. */
  readonly words: readonly string[]
}

/** Splits a line into the commands that `||`, `&&` and `;` join; a word that begins with `#` starts a comment. */
export function readIpxeLine(line: string): readonly IpxeStep[] {
  if (line.startsWith(':')) return []
  const all = line.split(/\s+/).filter((word) => word !== '')
  const comment = all.findIndex((word) => word.startsWith('#'))
  const steps: { when: IpxeStep['when']; words: string[] }[] = [{ when: 'always', words: [] }]
  for (const word of comment === -1 ? all : all.slice(0, comment)) {
    if (word === '||') steps.push({ when: 'failure', words: [] })
    else if (word === '&&') steps.push({ when: 'success', words: [] })
    else if (word === ';') steps.push({ when: 'always', words: [] })
    else steps.at(-1)?.words.push(word)
  }
  return steps
}

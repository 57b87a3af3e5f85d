interface Named {
  readonly name: string
  readonly description: string
}

/**
 * The name and description of a snapshot, in the one text that Proxmox VE keeps for it: a snapshot's own name is an id of 40 plain
 * characters that cannot change. People see `name: …` on the first line and the description below.
 */
export function renderSnapshot({ name, description }: Named): string {
  const plain = description === '' ? `name: ${name}` : `name: ${name}\n${description}`
  const back = parseSnapshot(kept(plain), '')
  const survives = back.name === name && back.description === description && isPlain(plain)
  // What would not come back as it is goes as one line of JSON.
  return survives ? plain : `virtkit: ${JSON.stringify({ name, description })}`
}

/** Servers keep it line by line, as a comment: spaces at the end of a line are lost, and one more line break comes back. */
function kept(text: string): string {
  return text
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

function isPlain(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text.replaceAll('\n', ''))
}

/** Of a snapshot that somebody else took, the id is the name. */
export function parseSnapshot(text: string, id: string): Named {
  const told = text.replace(/\n+$/, '')
  const json = /^virtkit: (\{[^\n]*\})$/.exec(told)?.[1]
  if (json !== undefined) {
    try {
      const { name, description } = JSON.parse(json) as Partial<Record<string, unknown>>
      if (typeof name === 'string' && typeof description === 'string') return { name, description }
    } catch {
      // Not ours after all.
    }
  }
  const [, name, description = ''] = /^name: ([^\n]*)(?:\n([^]*))?$/.exec(told) ?? []
  return name === undefined ? { name: id, description: told } : { name, description }
}

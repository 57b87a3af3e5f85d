/**
 * The name and description of a snapshot, in the one text that Proxmox VE keeps for it: a snapshot's own name is an id of 40 plain
 * characters that cannot change. People see `name: …` on the first line and the description below.
 */
export function renderSnapshot({ name, description }: { name: string; description: string }): string {
  const plain = description === '' ? `name: ${name}` : `name: ${name}\n${description}`
  // Servers keep it line by line, as a comment: what would not survive that goes as one line of JSON.
  const survives = !/[\n\r]/.test(name) && !/\r|[^\S\n]$|\n$|\p{Cc}(?<!\n)/mu.test(plain) && !plain.endsWith('\n')
  return survives ? plain : `virtkit: ${JSON.stringify({ name, description })}`
}

/** Of a snapshot that somebody else took, the id is the name. */
export function parseSnapshot(text: string, id: string): { name: string; description: string } {
  const told = text.replace(/\n+$/, '')
  const json = /^virtkit: (\{.*\})$/.exec(told)?.[1]
  if (json !== undefined) {
    try {
      const { name, description } = JSON.parse(json) as { name?: unknown; description?: unknown }
      if (typeof name === 'string' && typeof description === 'string') return { name, description }
    } catch {
      // Not ours after all.
    }
  }
  const [, name, description = ''] = /^name: (.*)(?:\n([^]*))?$/.exec(told) ?? []
  return name === undefined ? { name: id, description: told } : { name, description }
}

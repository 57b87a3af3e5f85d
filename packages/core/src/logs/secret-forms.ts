/**
 * How a text may stand in another: as it is, in JSON, in a URL, as hex, and as base64 of whatever it is a part of (three ways, by its
 * place among the bytes). Pieces too short to be sure of are left out.
 */
export function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  const inside = [0, 1, 2].map((before) => base64Inside(bytes, before))
  const encoded = [...inside, ...inside.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))]
  const whole = [bytes.toString('base64'), bytes.toString('hex')]
  const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), ...whole]
  return [...new Set([...forms, ...encoded.filter((text) => text.length >= shortest)])]
}

const shortest = 6

/** What is the same whatever stands before and behind, with so many bytes before. */
function base64Inside(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replaceAll('=', '')
  const from = Math.ceil((before * 8) / 6)
  const to = Math.floor(((before + bytes.length) * 8) / 6)
  return text.slice(from, to)
}

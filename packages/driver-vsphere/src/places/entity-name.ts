/** vSphere writes these three in names of its own accord; names go in and come out as people write them (ManagedEntity.name). */
const codes: Readonly<Record<string, string>> = { '%': '%25', '/': '%2f', '\\': '%5c' }

export function writeName(name: string): string {
  return name.replace(/[%/\\]/g, (character) => codes[character] ?? character)
}

export function readName(name: string): string {
  return name.replace(/%(25|2f|5c)/gi, (code) => decodeURIComponent(code))
}

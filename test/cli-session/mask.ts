/**
 * The same text for what differs from run to run, as wide as it was: two runs that did the same are equal, and what is printed looks as it
 * did.
 */
export function createMask(known: Readonly<Record<string, string>>): (text: string) => string {
  const seen = new Map<string, string>()
  const numbered = (kind: string, found: string, name: (index: number) => string): string => {
    const id = `${kind} ${found}`
    const told = seen.get(id) ?? name([...seen.keys()].filter((each) => each.startsWith(`${kind} `)).length + 1)
    seen.set(id, told)
    return told
  }
  return (text) => {
    const named = Object.entries(known).reduce((all, [found, told]) => all.replaceAll(found, told), text)
    return named
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (found) =>
        numbered('id', found, (index) => `c0ffee00-0000-4000-8000-${String(index).padStart(12, '0')}`),
      )
      .replaceAll(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, (found) =>
        numbered('mac', found, (index) => `52:54:00:00:00:${index.toString(16).padStart(2, '0')}`),
      )
      .replaceAll(/\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\b/g, '2026-12-01 09:00:00')
      .replaceAll(/(told this once; keep it\):\n)\S+/g, '$1Q7xVt2hZk9mRw4bNs6Lp3Y')
  }
}

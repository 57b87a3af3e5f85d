// What the API answers, taken as it comes: booleans are 0 and 1, numbers are texts now and then, and what is empty is null or missing.

export type Wire = Readonly<Record<string, unknown>>

export function record(value: unknown): Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : {}
}

export function records(value: unknown): readonly Wire[] {
  return Array.isArray(value) ? value.map(record) : []
}

export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : undefined
}

export function number(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined
  const found = Number(value)
  return Number.isFinite(found) ? found : undefined
}

export function flag(value: unknown): boolean {
  return value === 1 || value === true || value === '1'
}

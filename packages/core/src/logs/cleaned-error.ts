import { inspect } from 'node:util'
import { VirtkitError, isVirtkitError } from '@virtkit/spi'

/** Further down nobody looks, and errors that cause each other in a circle end somewhere. */
const deepest = 8

/**
 * The same error, or, where it or something below it says what it must not, a copy that does not: message, stack, hint, details, causes
 * and whatever else it carries.
 */
export function cleanedError(thrown: unknown, clean: (text: string) => string): unknown {
  const seen = new Map<object, unknown>()

  function cleaned(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return clean(value)
    if (typeof value !== 'object' || value === null) return value
    if (seen.has(value)) return seen.get(value)
    if (depth > deepest) return '[more]'
    seen.set(value, value)
    const result = copyOf(value, depth)
    seen.set(value, result)
    return result
  }

  function copyOf(value: object, depth: number): unknown {
    const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
    if (!isPlain && !(value instanceof Error)) return shown(value)
    const given = value as Record<string, unknown>
    const found = Object.getOwnPropertyNames(value).map((name) => [name, cleaned(given[name], depth + 1)] as const)
    if (found.every(([name, each]) => each === given[name])) return value
    if (Array.isArray(value)) return value.map((each: unknown) => cleaned(each, depth + 1))
    const fields = Object.fromEntries(found)
    return value instanceof Error ? errorWith(value, fields, clean) : fields
  }

  /** A request, a socket: what it would print, where that is too much. */
  function shown(value: object): unknown {
    const text = inspect(value, { depth: 5 })
    const better = clean(text)
    return better === text ? value : better
  }

  return cleaned(thrown, 0)
}

function errorWith(error: Error, fields: Record<string, unknown>, clean: (text: string) => string): Error {
  const { message, stack, ...more } = fields as { readonly message?: unknown; readonly stack?: unknown }
  let copy: Error
  if (isVirtkitError(error)) {
    const { code, outcome, hint } = error
    const { details, cause } = more as { readonly details?: unknown; readonly cause?: unknown }
    copy = new VirtkitError(code, String(message), {
      details: details as never,
      outcome,
      cause,
      ...(hint !== undefined && { hint: clean(hint) }),
    })
  } else {
    copy = Object.assign(Object.create(Object.getPrototypeOf(error) as object) as Error, more)
    Object.defineProperty(copy, 'message', { value: message, writable: true, configurable: true })
  }
  return Object.defineProperty(copy, 'stack', { value: stack, writable: true, configurable: true })
}

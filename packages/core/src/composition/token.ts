import type { ServiceIdentifier } from 'inversify'

export type Token<T> = ServiceIdentifier<T>

/** The function's return type keeps T; a bare annotated const would be narrowed to symbol. */
export function token<T>(id: string): Token<T> {
  return Symbol.for(`virtkit/${id}`) as Token<T>
}

/** Lets the container call a constructor that it has no metadata for. */
export function construct<A extends unknown[], T>(Class: new (...args: A) => T): (...args: A) => T {
  return (...args) => new Class(...args)
}

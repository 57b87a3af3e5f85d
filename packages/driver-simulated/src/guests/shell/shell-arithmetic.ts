import { ShellSyntaxError } from './shell-syntax.ts'

const levels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
]

const operations: Readonly<Record<string, (left: number, right: number) => number>> = {
  '||': (left, right) => Number(left !== 0 || right !== 0),
  '&&': (left, right) => Number(left !== 0 && right !== 0),
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
  '<=': (left, right) => Number(left <= right),
  '>=': (left, right) => Number(left >= right),
  '<': (left, right) => Number(left < right),
  '>': (left, right) => Number(left > right),
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => Math.trunc(left / right),
  '%': (left, right) => left % right,
}

/** The value of `$((…))` without assignments (POSIX shell, 2.6.4). Throws `ShellSyntaxError`. */
export function calculate(text: string, variable: (name: string) => string | undefined): number {
  const tokens = text.match(/\d+|[A-Za-z_]\w*|\|\||&&|[=!<>]=|[-+*/%<>()!]|\S/g) ?? []
  let at = 0
  const operand = (): number => {
    const token = tokens[at] ?? ''
    at += 1
    if (token === '-') return -operand()
    if (token === '+') return operand()
    if (token === '!') return Number(operand() === 0)
    if (/^\d+$/.test(token)) return Number(token)
    if (/^[A-Za-z_]/.test(token)) return Number(variable(token) ?? 0) || 0
    if (token !== '(') throw new ShellSyntaxError('an arithmetic expression is not understood')
    const value = level(0)
    if (tokens[at] !== ')') throw new ShellSyntaxError("')' is missing in an arithmetic expression")
    at += 1
    return value
  }
  const level = (depth: number): number => {
    const own = levels[depth]
    if (!own) return operand()
    let value = level(depth + 1)
    for (let sign = tokens[at] ?? ''; own.includes(sign); sign = tokens[at] ?? '') {
      at += 1
      value = operations[sign]?.(value, level(depth + 1)) ?? 0
    }
    return value
  }
  const value = level(0)
  if (at < tokens.length || !Number.isFinite(value))
    throw new ShellSyntaxError('an arithmetic expression is not understood')
  return value
}

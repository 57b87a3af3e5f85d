import type { FileTree } from '../file-tree.ts'

const comparisons: Readonly<Record<string, (left: string, right: string) => boolean>> = {
  '=': (left, right) => left === right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '-eq': (left, right) => Number(left) === Number(right),
  '-ne': (left, right) => Number(left) !== Number(right),
  '-lt': (left, right) => Number(left) < Number(right),
  '-le': (left, right) => Number(left) <= Number(right),
  '-gt': (left, right) => Number(left) > Number(right),
  '-ge': (left, right) => Number(left) >= Number(right),
}

/** The status of `test` (POSIX): 0 true, 1 false, 2 not understood. */
export function testStatus(args: readonly string[], files: FileTree): number {
  for (const [joint, both] of [
    ['-o', false],
    ['-a', true],
  ] as const) {
    const at = args.indexOf(joint)
    if (at <= 0) continue
    const left = testStatus(args.slice(0, at), files)
    const right = testStatus(args.slice(at + 1), files)
    if (left === 2 || right === 2) return 2
    return (both ? left === 0 && right === 0 : left === 0 || right === 0) ? 0 : 1
  }
  const [first = '', second = '', third = ''] = args
  if (first === '!' && args.length > 1) return [1, 0, 2][testStatus(args.slice(1), files)] ?? 2
  if (args.length <= 1) return first === '' ? 1 : 0
  if (args.length === 2) return unary(first, second, files)
  const compare = comparisons[second]
  return args.length === 3 && compare ? Number(!compare(first, third)) : 2
}

function unary(operator: string, operand: string, files: FileTree): number {
  const isFolder = (): boolean => files.paths().some((path) => path.startsWith(`${operand.replace(/\/+$/, '')}/`))
  switch (operator) {
    case '-n':
      return Number(operand === '')
    case '-z':
      return Number(operand !== '')
    case '-s':
      return Number(!files.read(operand))
    case '-f':
    case '-x':
    case '-r':
      return Number(files.read(operand) === undefined)
    case '-d':
      return Number(!isFolder())
    case '-e':
      return Number(files.read(operand) === undefined && !isFolder())
    default:
      return 2
  }
}

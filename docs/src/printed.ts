/**
 * The first line of a page's output that a program did not print, in this order; undefined when it printed all of them. In a page `…` stands
 * for anything.
 */
export function firstMissing(page: string, output: string): string | undefined {
  const printed = output.split('\n')
  let at = 0
  for (const line of page.split('\n').filter((each) => each.trim() !== '' && each.trim() !== '…')) {
    const pattern = new RegExp(
      `^${line
        .split('…')
        .map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
        .join('.*')}$`,
    )
    const found = printed.findIndex((each, index) => index >= at && pattern.test(each))
    if (found < 0) return line
    at = found + 1
  }
  return undefined
}

/** The kernel's command line as programs see it. */
export interface KernelArguments {
  /** Value of the last `name=value`; `''` for a bare `name`. */
  get(name: string): string | undefined
  has(name: string): boolean
  all(name: string): readonly string[]
}

/** Splits at blanks outside of double quotes, as the kernel does (Documentation/admin-guide/kernel-parameters.rst). */
export function readKernelArguments(text: string): KernelArguments {
  const words = text.match(/(?:[^\s"]|"[^"]*")+/g) ?? []
  const pairs = words.map((word) => {
    const at = word.indexOf('=')
    const unquoted = (part: string): string => part.replaceAll('"', '')
    return at === -1 ? [unquoted(word), ''] : [unquoted(word.slice(0, at)), unquoted(word.slice(at + 1))]
  })
  const all = (name: string): string[] => pairs.flatMap(([own, value = '']) => (own === name ? [value] : []))
  return { all, get: (name) => all(name).at(-1), has: (name) => all(name).length > 0 }
}

/** `name` or `name=value`, in order. */
export type KernelArgument = readonly [name: string, value?: string]

/**
 * The arguments as one text that is safe in an iPXE script and on a kernel command line. iPXE ends a command at the words
 * `||`, `&&` and `;`, starts a comment at a word that begins with `#`, and expands `${…}` anywhere: a name starts with a
 * letter or digit, and no value can hold `$`. A value with spaces is quoted, as the kernel's own parser wants it.
 *
 * Throws on anything else: values come from checked plans, so that would be our mistake.
 */
export function renderKernelArguments(args: readonly KernelArgument[]): string {
  return args.map(renderArgument).join(' ')
}

function renderArgument([name, value]: KernelArgument): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(name)) throw new Error('a kernel argument has a name that cannot be written')
  if (value === undefined) return name
  if (/^[A-Za-z0-9._~:/?=;,@%+[\]-]*$/.test(value)) return `${name}=${value}`
  // Between the quotes each word begins with a letter or digit too: iPXE sees words, not quotes.
  if (/^[A-Za-z0-9][A-Za-z0-9._:-]*(?: [A-Za-z0-9][A-Za-z0-9._:-]*)*$/.test(value)) return `${name}="${value}"`
  throw new Error(`the kernel argument ${name} has a value that cannot be written`)
}

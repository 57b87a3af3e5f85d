import { expandText } from './shell-expand.ts'
import type { Expansions } from './shell-expand.ts'
import type { ShellHost } from './shell-host.ts'
import type { Streams } from './shell-state.ts'
import type { Redirect } from './shell-syntax.ts'

/** The streams after redirects, from left to right; `undefined`, with a message, when a file to read is not there. */
export async function openRedirects(
  redirects: readonly Redirect[],
  host: ShellHost,
  streams: Streams,
  shell: Expansions,
): Promise<Streams | undefined> {
  let { stdin, out, error } = streams
  for (const { descriptor, operator, target } of redirects) {
    const name = await expandText(target, shell)
    if (operator === '<<') stdin = { text: name }
    else if (operator === '<') {
      const text = name === '/dev/null' ? '' : host.files.read(name)
      if (text === undefined) {
        error(`sh: ${name}: No such file or directory\n`)
        return undefined
      }
      stdin = { text }
    } else {
      const sink = operator === '>&' ? (name === '2' ? error : out) : fileSink(name, operator, host)
      if (descriptor === 2) error = sink
      else out = sink
    }
  }
  return { stdin, out, error }
}

/** Writes to the console, line by line. */
export function printer(host: ShellHost): (text: string) => void {
  return (text) => {
    for (const line of text.replace(/\n$/, '').split('\n')) host.print(line)
  }
}

function fileSink(path: string, operator: string, host: ShellHost): (text: string) => void {
  if (path === '/dev/null') return () => undefined
  if (path.startsWith('/dev/')) return printer(host)
  if (operator === '>') host.files.write(path, '')
  return (text) => host.files.write(path, (host.files.read(path) ?? '') + text)
}

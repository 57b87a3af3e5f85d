import { IpxeError } from './ipxe-machine.ts'

export interface IpxeOptions {
  readonly has: (name: string) => boolean
  readonly value: (name: string) => string | undefined
  /** What follows the options; iPXE stops looking for options at the first word that is none. */
  readonly words: readonly string[]
}

/** Reads getopt-style options; `known` maps a long name to its letter, with `=` behind it when it takes a value. */
export function readIpxeOptions(words: readonly string[], known: Readonly<Record<string, string>>): IpxeOptions {
  const found = new Map<string, string>()
  let at = 0
  for (; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (word === '--') {
      at += 1
      break
    }
    if (!/^-./.test(word)) break
    const [text = '', inline] = word.split(/=(.*)/s, 2)
    const matches = Object.entries(known).filter(([long, letter]) =>
      text.startsWith('--') ? long.startsWith(text.slice(2)) : `-${letter[0]}` === text,
    )
    const match = matches.find(([long]) => `--${long}` === text) ?? (matches.length === 1 ? matches[0] : undefined)
    if (!match) throw new IpxeError(`Unrecognised option "${word}"`)
    const [long, letter] = match
    if (!letter.endsWith('=')) found.set(long, '')
    else {
      const value = inline ?? words[(at += 1)]
      if (value === undefined) throw new IpxeError(`Option "${word}" needs a value`)
      found.set(long, value)
    }
  }
  return { has: (name) => found.has(name), value: (name) => found.get(name), words: words.slice(at) }
}

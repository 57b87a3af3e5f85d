import { createHash } from 'node:crypto'
import { hostNameOf } from './host-name.ts'

/** Whose a machine is, as its description says it. */
export interface Mark {
  readonly key: string
  /** It was cloned, and has not got all of what was asked for yet. */
  readonly unfinished: boolean
  /** Its name, where the server has it by another. */
  readonly name?: string
  /** What its guest is called, where that does not follow from its name. The server has no other place for it than its own name. */
  readonly hostName?: string
}

/** By which name the server has a machine: that is the host name which it gives to the guest. */
export function serverNameOf({ name, hostName }: { readonly name: string; readonly hostName?: string }): string {
  return hostName ?? hostNameOf(name)
}

// The number stands in it as well: who copies a machine copies its description, and the copy is not ours.
const line =
  /^virtkit: (\d+) ([A-Za-z0-9._:-]{1,80})( \(unfinished\))?(?: called (\S+?))?(?: as ([A-Za-z0-9.-]+))?[^\S\n]*$/gm

/** The mark of the machine with this number, in its description. */
export function readMark(description: string | undefined, vmid: number): Mark | undefined {
  for (const [, id, key, unfinished, called, hostName] of (description ?? '').matchAll(line)) {
    if (Number(id) !== vmid || key === undefined) continue
    const name = called === undefined ? undefined : decode(called)
    return {
      key,
      unfinished: unfinished !== undefined,
      ...(name !== undefined && { name }),
      ...(hostName !== undefined && { hostName }),
    }
  }
  return undefined
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The description with this mark and no other; without one, as it was before. */
export function withMark(description: string | undefined, vmid: number, mark: Mark | undefined): string {
  const rest = (description ?? '').replaceAll(line, '').replace(/\n+$/, '')
  if (!mark) return rest
  const { name, hostName } = mark
  const called = name === undefined || serverNameOf({ ...mark, name }) === name ? '' : ` called ${encodeURIComponent(name)}`
  const as = name === undefined || hostName === undefined || hostName === hostNameOf(name) ? '' : ` as ${hostName}`
  const told = `virtkit: ${vmid} ${mark.key}${mark.unfinished ? ' (unfinished)' : ''}${called}${as}`
  return rest === '' ? told : `${rest}\n\n${told}`
}

const tag = /^virtkit-[0-9a-f]{16}$/

/** What the key is found by: lists have tags, but no descriptions. A tag may not hold what a key may, so it is a digest. */
export function tagOf(key: string): string {
  return `virtkit-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`
}

/** The tags with the one of this key and no other of ours. */
export function withTag(tags: readonly string[], key: string | undefined): string {
  return [...tags.filter((each) => !tag.test(each)), ...(key === undefined ? [] : [tagOf(key)])].join(';')
}

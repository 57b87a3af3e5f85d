import { createHash } from 'node:crypto'
import { invalidInput } from '@virtkit/spi'
import { AnyValue, type VimArguments, typed } from '../client/xml/write-xml.ts'
import { listAt, textAt } from '../client/xml/xml-tree.ts'

/** Where a machine carries our mark: in its own configuration, so that it stays when the inventory is made anew. */
const markOption = 'virtkit.key'
/** The name that was asked for, where the folder had it already. */
const nameOption = 'virtkit.name'
/** Set while a clone is not what was asked for yet. */
const unfinishedOption = 'virtkit.unfinished'

/** Throws `INVALID_INPUT` unless it can be an ownership mark. */
export function checkKey(key: unknown): void {
  if (typeof key === 'string' && /^[A-Za-z0-9._:-]{1,80}$/.test(key)) return
  throw invalidInput([{ field: 'key', problem: 'must be 1 to 80 characters of A-Z a-z 0-9 . _ : -' }])
}

export function markOf(extraConfig: unknown): string | undefined {
  return optionOf(extraConfig, markOption)
}

/** The name of a machine whose own name was taken in its folder: what is unique there is not what was asked for. */
export function nameBesides(name: string, key: string): string {
  return `${name.slice(0, 60)} (${machineFolder(key).slice(-8)})`
}

/** The name that was asked for. */
export function shownName(name: string, extraConfig: unknown): string {
  const asked = optionOf(extraConfig, nameOption)
  const key = markOf(extraConfig)
  return asked !== undefined && key !== undefined && name === nameBesides(asked, key) ? asked : name
}

export function nameWritten(name: string): VimArguments {
  return option(nameOption, name)
}

export function isUnfinished(extraConfig: unknown): boolean {
  return optionOf(extraConfig, unfinishedOption) === 'true'
}

/** Written values of options; the empty text takes an option away. */
export function markWritten(key: string): VimArguments {
  return option(markOption, key)
}

export function unfinishedWritten(isIt: boolean): VimArguments {
  return option(unfinishedOption, isIt ? 'true' : '')
}

export function option(key: string, value: string): VimArguments {
  return typed('OptionValue', { key, value: new AnyValue('xsd:string', value) })
}

function optionOf(extraConfig: unknown, key: string): string | undefined {
  // A server that keeps old values keeps them before new ones.
  const value = listAt(extraConfig).findLast((each) => textAt(each, 'key') === key)
  const text = textAt(value, 'value')
  return text === '' ? undefined : text
}

/** The id that a machine made for this key has in the server's index: finding it asks for one machine, not for all. */
export function instanceUuid(key: string): string {
  const digest = createHash('sha256').update(`virtkit:${key}`).digest('hex')
  // RFC 9562, version 8: made by whoever makes it.
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`
}

/** The folder of a machine's files. The server makes one of that name only once: that settles who makes the machine. */
export function machineFolder(key: string): string {
  return `virtkit-${createHash('sha256').update(key).digest('hex').slice(0, 24)}`
}

import { createHmac } from 'node:crypto'
import type { AuditEntry, AuditFault } from './audit.ts'

export interface EventRow {
  readonly position: number
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly at: number
  readonly data: string
  readonly actor: string | null
  readonly actorName: string | null
  readonly request: string | null
  readonly groupKey: number | null
}

export interface LinkRow {
  readonly number: number
  readonly position: number
  readonly hash: string
}

/** What stands before the first link. */
export const noLink: LinkRow = { number: 0, position: 0, hash: '' }

/**
 * The link of an event: HMAC-SHA256 over the link before and everything that the event says. Under a key that is not in the
 * database, so who can write there cannot make the chain anew.
 */
export function linkOf(event: EventRow, before: LinkRow, key: string): LinkRow {
  const { position, id, type, subject, at, data, actor, actorName, request, groupKey } = event
  const number = before.number + 1
  // JSON, so that no two events are the same text.
  const said = [position, id, type, subject, at, data, actor, actorName, request, groupKey]
  const text = JSON.stringify([before.hash, number, ...said])
  return { number, position, hash: createHmac('sha256', key).update(text).digest('hex') }
}

/** What is remembered of the chain beside it. */
export interface Head {
  readonly number: number
  readonly hash: string
  /** When the chain began. */
  readonly since: number
}

export function writeHead(head: Head, key: string): string {
  return JSON.stringify({ ...head, seal: sealOf(head, key) })
}

/** `undefined` when it is none of ours. */
export function readHead(text: string, key: string): Head | undefined {
  try {
    const { seal, number, hash, since } = JSON.parse(text) as Head & { seal: unknown }
    const head = { number, hash, since }
    return seal === sealOf(head, key) ? head : undefined
  } catch {
    return undefined
  }
}

function sealOf({ number, hash, since }: Head, key: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['head', number, hash, since]))
    .digest('hex')
}

/**
 * What the next link follows: the last one. Where that is not what is remembered, a number is left out, so that the gap shows for
 * ever that links are gone.
 */
export function continueFrom(last: LinkRow, head: Head | undefined): LinkRow {
  if (last.number === (head?.number ?? 0) && last.hash === (head?.hash ?? '')) return last
  return { ...last, number: Math.max(last.number, head?.number ?? 0) + 1 }
}

/** Holds events against their links, both in order of position and of the same stretch; `before` is the link before them. */
export function checkStretch(
  events: readonly EventRow[],
  links: readonly LinkRow[],
  before: LinkRow,
  key: string,
): AuditFault[] {
  const faults: AuditFault[] = []
  let last = before
  let at = 0
  for (const link of links) {
    for (; at < events.length && events[at]!.position < link.position; at += 1) {
      faults.push({ kind: 'inserted', position: events[at]!.position })
    }
    const event = events[at]?.position === link.position ? events[at++] : undefined
    if (link.number !== last.number + 1) faults.push({ kind: 'removed', position: link.position })
    else if (!event) faults.push({ kind: 'removed', position: link.position })
    else if (linkOf(event, last, key).hash !== link.hash) faults.push({ kind: 'changed', position: link.position })
    last = link
  }
  for (; at < events.length; at += 1) faults.push({ kind: 'inserted', position: events[at]!.position })
  return faults
}

/** An event as an entry of the log. */
export function toEntry(row: EventRow): AuditEntry {
  return {
    position: row.position,
    id: row.id,
    at: row.at,
    actor: row.actor ?? 'unknown',
    ...(row.actorName === null ? {} : { actorName: row.actorName }),
    action: row.type,
    subject: row.subject,
    outcome: outcomeOf(row.type),
    ...(row.request === null ? {} : { request: row.request }),
    data: JSON.parse(row.data) as Record<string, unknown>,
  }
}

function outcomeOf(type: string): AuditEntry['outcome'] {
  if (type.endsWith('.refused')) return 'refused'
  return /\.(failed|timed-out|left-behind)$/.test(type) ? 'failed' : 'done'
}

import { VirtkitError, type ErrorCode, isVirtkitError } from '@virtkit/spi'

/** Failures that may pass by themselves. Everything else is final. */
const passing: ReadonlySet<ErrorCode> = new Set(['HYPERVISOR_UNAVAILABLE', 'HYPERVISOR_BUSY', 'DATABASE_UNAVAILABLE'])

/** Whether to try a failed step again. Steps are safe to repeat, so an unknown outcome does not matter here. */
export function mayPass(error: VirtkitError): boolean {
  return passing.has(error.code)
}

/**
 * The database could not be asked, or its answer was lost: nobody knows how far the operation came until the row is read again.
 * It is no fault of the step, so nothing is counted and nothing undone.
 */
export function isOutage(error: VirtkitError): boolean {
  return isVirtkitError(error, 'DATABASE_UNAVAILABLE') && !['refused', 'corrupt'].includes(error.details.reason)
}

/** The name of a queue. Queues take turns: what one group wants of one cluster does not wait for all that another wants. */
export function queueOf({ cluster, group }: { readonly cluster?: number; readonly group?: number }): string {
  return `${cluster ?? ''}/${group ?? ''}`
}

/** How many are worked on at once; what belongs to none is not limited. */
export interface Limits {
  readonly ofCluster: (cluster: number) => number
  /** On all clusters together. */
  readonly ofGroup: (group: number) => number
}

/** Where an operation of a queue takes a place. */
interface Room {
  readonly name: string
  readonly limit: number
}

function roomsOf(queue: string, { ofCluster, ofGroup }: Limits): readonly Room[] {
  const [cluster = '', group = ''] = queue.split('/')
  return [
    ...(cluster === '' ? [] : [{ name: `${cluster}/`, limit: ofCluster(Number(cluster)) }]),
    ...(group === '' ? [] : [{ name: `/${group}`, limit: ofGroup(Number(group)) }]),
  ]
}

/** Operations of one cluster and group that wait. */
export interface Queue {
  readonly name: string
  /** How many are due. */
  readonly due: number
  /** When it was last served, as a number that grows with every turn; 0 for never. */
  readonly turn: number
}

export interface Turns {
  readonly queues: readonly Queue[]
  /** How many of each queue are worked on, by its name. */
  readonly running: ReadonlyMap<string, number>
  /** How many to take. */
  readonly room: number
  readonly limits: Limits
}

/**
 * Whose turn it is, one after the other. Each turn goes to the queue of which the fewest are worked on, and of these to the one
 * that was served the longest ago. Promises: no cluster and no group gets above its limit, and nothing is left while there is room for it.
 */
export function takeTurns({ queues, running, room, limits }: Turns): string[] {
  const taken = new Map<string, number>()
  const take = (rooms: readonly Room[], count: number): void => {
    for (const { name } of rooms) taken.set(name, (taken.get(name) ?? 0) + count)
  }
  for (const [name, count] of running) take(roomsOf(name, limits), count)
  const waiting = queues.map((queue) => ({
    ...queue,
    rooms: roomsOf(queue.name, limits),
    running: running.get(queue.name) ?? 0,
  }))
  const turns: string[] = []
  let turn = Math.max(0, ...queues.map((queue) => queue.turn))
  const isNext = ({ due, rooms }: (typeof waiting)[number]): boolean =>
    due > 0 && rooms.every(({ name, limit }) => (taken.get(name) ?? 0) < limit)
  while (turns.length < room) {
    const [next] = waiting.filter(isNext).toSorted((a, b) => a.running - b.running || a.turn - b.turn)
    if (!next) break
    turns.push(next.name)
    next.running += 1
    next.due -= 1
    next.turn = turn += 1
    take(next.rooms, 1)
  }
  return turns
}

/** How long to wait before attempt `attempt + 1`: a second, doubled each time, at most half a minute; or as long as asked. */
export function retryDelayMs(error: VirtkitError, attempt: number): number {
  const asked = isVirtkitError(error, 'HYPERVISOR_BUSY') ? error.details.retryAfterMs : undefined
  return asked ?? Math.min(30_000, 1000 * 2 ** Math.min(attempt - 1, 10))
}

/** A W3C traceparent (https://www.w3.org/TR/trace-context/) for work that nobody traces yet, or for a part of a caller's trace, from a source of uuids. */
export function newTrace(uuid: () => string, parent?: string): string {
  const hex = (text: string): string => text.replaceAll('-', '')
  const [, trace = hex(uuid()), , flags = '01'] = parent?.split('-') ?? []
  return `00-${trace}-${hex(uuid()).slice(0, 16)}-${flags}`
}

export function cancelled(): VirtkitError {
  return new VirtkitError('CANCELLED', 'The operation was cancelled on request.', { details: {} })
}

export function timedOut(waitedFor: string, timeoutMs: number): VirtkitError {
  return new VirtkitError('TIMEOUT', `Waited ${Math.round(timeoutMs / 1000)} s for ${waitedFor}, in vain.`, {
    details: { waitedFor, timeoutMs },
  })
}

/** The operation was begun by another version, which had more steps. */
export function unknownStep(step: number): VirtkitError {
  return new VirtkitError('INTERNAL', `This version knows no step ${step + 1} of the operation.`, { details: {} })
}

const endings: ReadonlySet<string> = new Set(['operation.succeeded', 'operation.failed', 'operation.cancelled'])

/** Whether an event of this type is an operation's last. */
export function isEnding(type: string): boolean {
  return endings.has(type)
}

/** An error as it is stored, and back. */
export function parseStoredError(text: string): VirtkitError {
  const { code, message, details, hint, outcome } = JSON.parse(text) as ReturnType<VirtkitError['toJSON']>
  return new VirtkitError(code, message, { details, outcome, ...(hint === undefined ? {} : { hint }) })
}

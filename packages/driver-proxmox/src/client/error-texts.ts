import { isPveError } from './pve-error.ts'

export type KnownText =
  | 'machineMissing'
  | 'idTaken'
  | 'locked'
  | 'lockLate'
  | 'stale'
  | 'running'
  | 'stillRunning'
  | 'noTask'
  | 'snapshotMissing'
  | 'noSpace'
  | 'noSnapshots'
  | 'agentSilent'
  | 'noMemory'

// Whole lines, as they were recorded on servers of 8.4 and 9.2: a part of one stands in others that mean something else.
const texts: Readonly<Record<KnownText, RegExp>> = {
  /** No machine of that number on that node: it is gone, or on another node. */
  machineMissing: /^Configuration file 'nodes\/[^']+' does not exist$/,
  /** The number is taken; says nothing about by whom. */
  idTaken:
    /^(?:unable to create VM \d+ ?[:-] )?(?:VM \d+ already exists(?: on node '[^']*')?|config file already exists|(?:.*\bclose \(rename\) atomic file\b.*File exists))$/,
  locked: /^(?:.* - )?VM is locked \([\w-]+\)$/,
  lockLate: /^(?:.* - )?can't lock file '[^']+' - got timeout$/,
  stale: /^checksum mismatch \(file change by other user\?\)$/,
  running: /^VM \d+ already running$/,
  stillRunning: /^VM \d+ is running - destroy failed$/,
  noTask: /no such task/,
  snapshotMissing: /^snapshot '[^']*' does not exist$/,
  noSpace: /No space left on device|not enough free space|out of (?:free )?space/i,
  noSnapshots: /^snapshot feature is not available$/,
  agentSilent: /^(?:QEMU guest agent is not running|No QEMU guest agent configured|VM \d+ is not running)$/,
  noMemory: /Cannot allocate memory|MAX \d+ vcpus allowed per VM on this node/,
}

/** Whether the server said that: as an answer, for a parameter, at the end of a task or in its log. */
export function says(error: unknown, what: KnownText): boolean {
  if (!isPveError(error)) return false
  const { failure, message } = error
  const told =
    failure.kind === 'invalid'
      ? Object.values(failure.errors)
      : failure.kind === 'task'
        ? [message, ...failure.log.map((line) => line.replace(/^TASK ERROR: /, ''))]
        : [message]
  return told.some((text) => texts[what].test(text.trim()))
}

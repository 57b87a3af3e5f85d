/** What must not be so. */
export interface Problem {
  readonly check: Check
  readonly text: string
}

export const checks = [
  'duplicate address',
  'duplicate MAC',
  'address book',
  'lost answer',
  'changed answer',
  'contingent drift',
  'over the limit',
  'false refusal',
  'stale reservation',
  'operation',
  'audit log',
  'hypervisor',
  'unexpected error',
  'process',
] as const

export type Check = (typeof checks)[number]

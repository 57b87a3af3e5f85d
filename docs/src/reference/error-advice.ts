import type { ErrorCode } from '@virtkit/spi'

/** What to do about each code. A record, so that the compiler asks for a code that is missing here. */
export const errorAdvice: Readonly<Record<ErrorCode, string>> = {
  INVALID_INPUT: 'Mend each field of `details.problems`; where a way out is known, its `hint` says it.',
  NOT_FOUND: 'Look at the key, and at the groups of the user who asks: what they may not see is not there for them.',
  NOT_OURS: 'Look at the machine on the hypervisor. Import it to have it managed here; nothing else makes it ours.',
  CONFLICT: 'Read it again and decide anew: a name is in use, an operation is under way, or somebody else was quicker.',
  UNSUPPORTED:
    'Do without, or on another kind of cluster. The [support matrix](support-matrix.md) says which driver does what.',
  UNAUTHENTICATED: 'Get a new token, or the password right. With `retryAfterMs`, wait so long: meanwhile nobody is heard.',
  FORBIDDEN:
    'Give the user a permission group that holds `details.permission`; give the cluster’s account what `missing` names.',
  CONTINGENT_EXCEEDED: 'Ask for less, delete something, or raise the limit of each dimension in `details.blocking`.',
  LICENSE_EXCEEDED: 'Delete machines or install a licence for more.',
  ADDRESS_POOL_EXHAUSTED: 'Widen the network’s range, or wait for addresses in quarantine.',
  ADDRESS_TAKEN: 'Ask for another address, or for none: then the lowest free one is handed out.',
  DATASTORE_FULL: 'Free space, name another datastore, or `auto`.',
  HOST_RESOURCES: 'Name another host, or none: then the hypervisor chooses.',
  HYPERVISOR_UNAVAILABLE: 'Operations come back to it by themselves. In your own code look at `outcome` first.',
  HYPERVISOR_BUSY: 'Operations wait and try again. In your own code wait `retryAfterMs`.',
  HYPERVISOR_REFUSED: 'Its own words are in `details.reason`; what is in the way is there, not here.',
  TIMEOUT: 'Look whether it happened all the same, then ask again or give it more time.',
  CANCELLED: 'Nothing, if it was you. With `outcome: unknown`, look before you do it again.',
  INSTALL_FAILED:
    'Read `details.reason` and the run’s `consoleTail`, mend it, and install again: the machine has kept name and addresses.',
  DATABASE_UNAVAILABLE: 'Bring the database back; what was under way goes on.',
  SCHEMA_TOO_NEW: 'Start the newer version, or restore a backup from before it.',
  PEER_MISSING: 'Run the command in `details.install`.',
  INTERNAL: 'Report it, with the cause from your log. It is our mistake.',
}

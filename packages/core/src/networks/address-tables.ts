import type { Generated } from 'kysely'

export interface AddressTables {
  /** One row per address that is not free. Whoever owns the row owns the address; the primary key keeps it from being owned twice. */
  addresses: {
    networkKey: number
    /** The address as hexadecimal digits of full width, so that text order is numeric order. */
    address: string
    state: 'used' | 'held' | 'quarantined'
    /** Who has it: `nic/12`, or the key of a hold; of one in quarantine, who had it last. Unique per network. */
    owner: string | null
    /** When a hold or a quarantine ends. */
    expiresAt: number | null
    /** 1: it came out of the window and goes back into it, by a trigger, when its row goes. */
    pooled: number
  }
  /** How far a network's addresses have been put into the book. */
  addressWindows: {
    networkKey: number
    /** The lowest address that has not been yet; empty: none has been, null: all have. */
    next: string | null
    /** No address of the window is below it: what has been taken out of it leaves traces that a search would have to pass. */
    low: Generated<string>
    /** Nothing in `addresses` ends earlier. Kept on PostgreSQL only. */
    expires: Generated<number | null>
  }
  /** The window: addresses that are free. No address is both here and in `addresses`. */
  freeAddresses: {
    networkKey: number
    address: string
  }
}

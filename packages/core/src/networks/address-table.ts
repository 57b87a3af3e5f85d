/** One row per address in use. Whoever owns the row owns the address; the primary key keeps it from being owned twice. */
export interface AddressTable {
  networkKey: number
  /** The address as hexadecimal digits of full width, so that text order is numeric order. */
  address: string
  /** The address after it, written the same way: where no row has it as `address`, a gap begins. */
  next: string
  state: 'used' | 'held'
  /** Who has it: `nic/12`, or the key of a hold. Unique per network. */
  owner: string
  /** When a hold ends. */
  expiresAt: number | null
}

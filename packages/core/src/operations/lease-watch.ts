export interface Lease {
  readonly id: string
  readonly fence: number
  readonly beat: number
}

/** A lease whose beat stood still over so many looks is dead. */
export const looksPerLease = 8

/**
 * Tells which leases are dead, without asking what time it is: clocks of several processes differ and jump, so each process only
 * counts its own looks, which are evenly spaced, and a lease that changes starts again.
 */
export class LeaseWatch {
  #seen = new Map<string, Lease & { readonly looks: number }>()

  /** Takes what is leased now, by anybody who is watched; answers what has died. */
  look(leases: readonly Lease[]): Lease[] {
    const seen = new Map(
      leases.map((lease) => {
        const before = this.#seen.get(lease.id)
        const isSame = before?.fence === lease.fence && before.beat === lease.beat
        return [lease.id, { ...lease, looks: isSame ? before.looks + 1 : 0 }] as const
      }),
    )
    this.#seen = seen
    return leases.filter(({ id }) => seen.get(id)!.looks >= looksPerLease)
  }
}

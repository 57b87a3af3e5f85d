export interface EulaTable {
  /** Not a reference: what was accepted stays accepted when the user is gone. */
  userKey: number
  name: string
  fingerprint: string
  acceptedAt: number
}

const second = 1000
const minute = 60 * second

export interface FailureLimits {
  /** So many failures cost nothing. */
  readonly free: number
  /** The next one costs this, each further one double. */
  readonly firstMs: number
  readonly mostMs: number
}

export interface Failures {
  readonly failures: number
  readonly failedAt: number
}

/** Of an account, or of an account from an address that it is known at. */
export const accountLimits: FailureLimits = { free: 5, firstMs: second, mostMs: 5 * minute }
/** Of an address, whatever the account: many people may be behind one. */
export const addressLimits: FailureLimits = { free: 30, firstMs: second, mostMs: 5 * minute }
/** After so long without a failure there was none. */
export const forgetFailuresMs: number = 60 * minute
/** An address that an account has been logged in to from stays known so long. */
export const knownMs: number = 30 * 24 * 60 * minute
/** Checks of one account's password from one address within this are one login. */
export const sameLoginMs: number = 60 * minute

/** How long nobody is heard, from now on; 0 when they are. Grows exponentially, up to a limit: it never locks out for good. */
export function waitMs(seen: Failures | undefined, limits: FailureLimits, now: number): number {
  if (!seen || seen.failures < limits.free || now - seen.failedAt >= forgetFailuresMs) return 0
  const doublings = Math.min(seen.failures - limits.free, 30)
  const pauseMs = Math.min(limits.mostMs, limits.firstMs * 2 ** doublings)
  return Math.max(0, seen.failedAt + pauseMs - now)
}

/**
 * What failures are counted about. Who has logged in from an address before has a count of their own there, so that strangers
 * elsewhere who try the account lock nobody out.
 */
export function countedAbout(
  account: string,
  address: string | undefined,
  isKnown: boolean,
): { readonly account: string; readonly address: string | undefined } {
  return {
    account: isKnown && address !== undefined ? `known ${account} ${address}` : `account ${account}`,
    address: address === undefined ? undefined : `address ${address}`,
  }
}

/** What counts as one place: an IPv4 address, or the /64 that an IPv6 address is from. Anything else as it stands. */
export function placeOf(address: string): string {
  const text = address.trim().toLowerCase().replace(/%.*$/, '').slice(0, 100)
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (mapped) return mapped[1]!
  if (!text.includes(':')) return text
  const [head = '', tail] = text.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${groups.join(':')}::/64`
}

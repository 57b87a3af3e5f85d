/** How a transfer goes. */
export interface Terms {
  readonly blockBytes: number
  /** Blocks that are sent before one acknowledgement is waited for. */
  readonly windowBlocks: number
  readonly timeoutMs: number
  /** What the client is told of it; empty: it has asked for nothing, and data begins at once. */
  readonly told: ReadonlyMap<string, string>
}

// A larger block would not fit into one Ethernet frame, and a lost fragment loses the whole.
const mostBlockBytes = 1468
const mostWindowBlocks = 64
// Longer ones are left out of the answer, which RFC 2349 allows: what nobody waits for must not stay.
const mostTimeoutSeconds = 10

/**
 * Answers what a client asks for: blksize (RFC 2348), timeout and tsize (RFC 2349), windowsize (RFC 7440). What is out of bounds or
 * not known is left out, and the protocol's default holds.
 */
export function negotiate(asked: ReadonlyMap<string, string>, sizeBytes: number, timeoutMs: number): Terms {
  const told = new Map<string, string>()
  const number = (name: string, least: number, most: number): number | undefined => {
    const text = asked.get(name) ?? ''
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1
    return value >= least && value <= most ? value : undefined
  }
  const agree = (name: string, value: number | undefined): number | undefined => {
    if (value !== undefined) told.set(name, String(value))
    return value
  }
  const atMost = (most: number, value: number | undefined): number | undefined => value && Math.min(value, most)
  const blockBytes = agree('blksize', atMost(mostBlockBytes, number('blksize', 8, 65464)))
  const windowBlocks = agree('windowsize', atMost(mostWindowBlocks, number('windowsize', 1, 65535)))
  const seconds = agree('timeout', number('timeout', 1, mostTimeoutSeconds))
  if (number('tsize', 0, 999_999_999) !== undefined) told.set('tsize', String(sizeBytes))
  return {
    blockBytes: blockBytes ?? 512,
    windowBlocks: windowBlocks ?? 1,
    timeoutMs: seconds === undefined ? timeoutMs : seconds * 1000,
    told,
  }
}

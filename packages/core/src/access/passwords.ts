import { type BinaryLike, type ScryptOptions, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** Turns passwords into what may be stored. */
export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Promises: takes as long for nobody (`undefined`) as for somebody, and does not tell by its time how much of a password was
   * right.
   */
  matches(password: string, hash: string | undefined): Promise<boolean>
}

export interface ScryptCost {
  /** A power of two; memory is 128 × N × r bytes. */
  readonly N: number
  readonly r: number
  readonly p: number
}

/** 32 MiB and some 50 ms (RFC 7914; above the interactive parameters of its section 2, to be raised with the years). */
const defaultCost: ScryptCost = { N: 2 ** 15, r: 8, p: 1 }
const saltLength = 16
const hashLength = 32

const derive = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt)

/** scrypt as `scrypt$N$r$p$salt$hash`, salt and hash in base64url: each hash brings the cost that it was made with. */
export class ScryptPasswords implements Passwords {
  readonly #cost: ScryptCost
  readonly #nobody: string

  constructor(cost: ScryptCost = defaultCost) {
    this.#cost = cost
    this.#nobody = format(cost, Buffer.alloc(saltLength), Buffer.alloc(hashLength))
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltLength)
    return format(this.#cost, salt, await run(password, salt, this.#cost))
  }

  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const [name, N, r, p, salt, expected] = (hash ?? this.#nobody).split('$')
    if (name !== 'scrypt' || !salt || !expected) return false
    const cost = { N: Number(N), r: Number(r), p: Number(p) }
    const actual = await run(password, Buffer.from(salt, 'base64url'), cost)
    const stored = Buffer.from(expected, 'base64url')
    return stored.length === actual.length && timingSafeEqual(stored, actual) && hash !== undefined
  }
}

// The same password typed on two systems may be composed differently (RFC 8265, 4.2); scrypt must see the same bytes.
function run(password: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
  const maxmem = 256 * cost.N * cost.r
  return derive(password.normalize('NFC'), salt, hashLength, { ...cost, maxmem })
}

function format(cost: ScryptCost, salt: Buffer, hash: Buffer): string {
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

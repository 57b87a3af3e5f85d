import { createHash, randomInt } from 'node:crypto'
import { invalidInput } from '@virtkit/spi'

const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const longestSalt = 16
const fewestRounds = 1000
const mostRounds = 999_999_999
const usualRounds = 5000

/**
 * A password as `/etc/shadow` keeps it: SHA-512 crypt, `$6$salt$…`.
 *
 * Promises: the same arguments give the same text; of the salt the first 16 characters count; rounds outside of 1000 to 999999999
 * are moved to the nearest of these. Rounds that are given are written into the text (`$6$rounds=10000$salt$…`); left out they are
 * 5000. Throws `INVALID_INPUT` for a salt with other characters than `./0-9A-Za-z`, for a password with a null character, and for
 * rounds that are not a whole number.
 *
 * Source: U. Drepper, "Unix crypt using SHA-256 and SHA-512", https://www.akkadia.org/drepper/SHA-crypt.txt; the numbers in the
 * comments are its steps.
 *
 * @example
 * ```ts
 * sha512Crypt('correct horse', randomSalt())   // $6$Kq0…$…
 * ```
 */
export function sha512Crypt(password: string, salt: string, rounds?: number): string {
  refuseBadInput(password, salt, rounds)
  const usedRounds = Math.min(mostRounds, Math.max(fewestRounds, rounds ?? usualRounds))
  const usedSalt = salt.slice(0, longestSalt)
  const key = Buffer.from(password, 'utf8')
  const seasoning = Buffer.from(usedSalt, 'latin1')

  const b = sha512(key, seasoning, key) // 4–8
  const a = sha512(key, seasoning, filled(b, key.length), ...byBits(key.length, b, key)) // 1–3, 9–12
  const p = filled(sha512(...copies(key, key.length)), key.length) // 13–16
  const s = filled(sha512(...copies(seasoning, 16 + (a[0] ?? 0))), seasoning.length) // 17–20

  let digest = a
  for (let round = 0; round < usedRounds; round += 1) {
    // 21
    const odd = round % 2 === 1
    digest = sha512(odd ? p : digest, ...(round % 3 === 0 ? [] : [s]), ...(round % 7 === 0 ? [] : [p]), odd ? digest : p)
  }
  return `$6$${rounds === undefined ? '' : `rounds=${usedRounds}$`}${usedSalt}$${encode(digest)}`
}

/** Whether a text has the form that `sha512Crypt` answers. It says nothing of the password. */
export function isSha512Crypt(text: string): boolean {
  // 512 bits in digits of 6: the last digit has but two.
  return /^\$6\$(?:rounds=[1-9][0-9]{3,8}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{85}[./01]$/.test(text)
}

/** 16 random characters for `sha512Crypt`. */
export function randomSalt(): string {
  return randomText(digits, longestSalt)
}

/** A password of 20 letters and digits that cannot be taken for one another when read aloud or copied: some 116 bits. */
export function randomPassword(): string {
  return randomText('abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789', 20)
}

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}

function refuseBadInput(password: string, salt: string, rounds: number | undefined): void {
  if (!/^[./0-9A-Za-z]+$/.test(salt)) {
    throw invalidInput([{ field: 'salt', problem: 'must be one or more of the characters . / 0-9 A-Z a-z' }])
  }
  // Whoever checks the password reads it as a C string, which ends there.
  if (password.includes('\0')) throw invalidInput([{ field: 'password', problem: 'must not have a null character' }])
  if (rounds !== undefined && !Number.isInteger(rounds)) {
    throw invalidInput([{ field: 'rounds', problem: 'must be a whole number' }])
  }
}

function sha512(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function copies(part: Buffer, count: number): Buffer[] {
  return Array.from({ length: count }, () => part)
}

/** So many bytes of a digest, from its beginning again where it ends. */
function filled(digest: Buffer, length: number): Buffer {
  return Buffer.alloc(length, digest)
}

/** For each bit of a length, from the lowest up: one part for a bit that is set, the other for one that is not (step 11). */
function byBits(length: number, set: Buffer, notSet: Buffer): Buffer[] {
  const bits = length === 0 ? '' : length.toString(2)
  return [...bits].toReversed().map((bit) => (bit === '1' ? set : notSet))
}

/** Digits of 6 bits, lowest first; each four of them hold three bytes that lie 21 apart (step 22). */
function encode(digest: Buffer): string {
  let text = ''
  for (let group = 0; group < 21; group += 1) {
    const bytes = [group, group + 21, group + 42]
    const at = (offset: number): number => digest[bytes[(group + offset) % 3] ?? 0] ?? 0
    text += inDigits((at(0) << 16) | (at(1) << 8) | at(2), 4)
  }
  return text + inDigits(digest[63] ?? 0, 2)
}

function inDigits(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => digits[(value >> (6 * index)) & 63]).join('')
}

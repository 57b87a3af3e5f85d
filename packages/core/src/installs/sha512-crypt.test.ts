import { describe, expect, it } from 'vitest'
import { isSha512Crypt, randomPassword, randomSalt, sha512Crypt } from './sha512-crypt.ts'

describe('SHA-512 crypt', () => {
  // The vectors of https://www.akkadia.org/drepper/SHA-crypt.txt.
  it.each([
    [
      'Hello world!',
      'saltstring',
      undefined,
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    [
      'Hello world!',
      'saltstringsaltstring',
      10_000,
      '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
    ],
    [
      'This is just a test',
      'toolongsaltstring',
      5000,
      '$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0',
    ],
    [
      'a very much longer text to encrypt.  This one even stretches over morethan one line.',
      'anotherlongsaltstring',
      1400,
      '$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1',
    ],
    [
      'we have a short salt string but not a short password',
      'short',
      77_777,
      '$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0',
    ],
    [
      'a short string',
      'asaltof16chars..',
      123_456,
      '$6$rounds=123456$asaltof16chars..$BtCwjqMJGx5hrJhZywWvt0RLE8uZ4oPwcelCjmw2kSYu.Ec6ycULevoBK25fs2xXgMNrCzIMVcgEJAstJeonj1',
    ],
    [
      'the minimum number is still observed',
      'roundstoolow',
      10,
      '$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.',
    ],
  ])('of %j with salt %s and %s rounds is what the specification says', (password, salt, rounds, expected) => {
    expect(sha512Crypt(password, salt, rounds)).toBe(expected)
    expect(isSha512Crypt(expected)).toBe(true)
  })

  it.each(['', 'pässwörd ☃', 'x'.repeat(64), 'x'.repeat(63), 'x'.repeat(200)])(
    'a password of any length has a hash: %j',
    (password) => {
      expect(isSha512Crypt(sha512Crypt(password, 'saltstring'))).toBe(true)
    },
  )

  // Made by `openssl passwd -6`, which is another implementation.
  it.each([
    ['pässwörd ☃', '$6$a.b/C9$umnUx3v4cwRpN.2tXjr59KE.wZEeu//GcmILpyF66hsm5J.KeRZMrV353rOkj9FPga3.a5uOz4QBStPnhG5C81'],
  ])('agrees with other implementations on %j', (password, expected) => {
    expect(sha512Crypt(password, 'a.b/C9')).toBe(expected)
  })

  it.each([
    ['no salt', 'x', '', undefined, 'salt'],
    ['a dollar sign in the salt', 'x', 'a$b', undefined, 'salt'],
    ['a null character in the password', 'a\0b', 'salt', undefined, 'password'],
    ['half a round', 'x', 'salt', 1000.5, 'rounds'],
  ])('refuses %s', (_, password, salt, rounds, field) => {
    const hash = (): string => sha512Crypt(password, salt, rounds)
    expect(hash).toThrowError(expect.objectContaining({ code: 'INVALID_INPUT' }))
    expect(hash).toThrowError(new RegExp(`^${field}: `))
  })
})

describe('what is a SHA-512 crypt hash', () => {
  const hash = '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1'

  it.each([hash, hash.replace('$6$', '$6$rounds=1000$'), hash.replace('saltstring', 's')])('%s is one', (text) => {
    expect(isSha512Crypt(text)).toBe(true)
  })

  it.each([
    ['a plain password', 'secret'],
    ['another scheme', hash.replace('$6$', '$5$')],
    ['a line after it', `${hash}\nroot:x`],
    ['a line end', `${hash}\n`],
    ['a text before it', ` ${hash}`],
    ['no salt', hash.replace('saltstring', '')],
    ['a salt of 17', hash.replace('saltstring', 'a'.repeat(17))],
    ['a hash that is cut off', hash.slice(0, -1)],
    ['a hash that is too long', `${hash}1`],
    ['a last character beyond 512 bits', `${hash.slice(0, -1)}2`],
    ['too few rounds', hash.replace('$6$', '$6$rounds=999$')],
    ['too many rounds', hash.replace('$6$', '$6$rounds=1000000000$')],
    ['a quote', hash.replace('svn8', "sv'8")],
  ])('%s is none', (_, text) => {
    expect(isSha512Crypt(text)).toBe(false)
  })
})

describe('random texts', () => {
  it('a password has 20 characters, none of them like another', () => {
    const passwords = Array.from({ length: 200 }, randomPassword)
    for (const password of passwords) expect(password).toMatch(/^[a-km-np-zA-HJ-NP-Z2-9]{20}$/)
    expect(new Set(passwords).size).toBe(200)
    expect(new Set(passwords.join('')).size).toBe(56)
  })

  it('a salt is one that may be used', () => {
    const salt = randomSalt()
    expect(sha512Crypt('x', salt)).toContain(`$6$${salt}$`)
    expect(salt).toHaveLength(16)
    expect(randomSalt()).not.toBe(salt)
  })
})

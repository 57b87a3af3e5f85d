import { describe, expect, it } from 'vitest'
import { ScryptPasswords } from './passwords.ts'

const cheap = new ScryptPasswords({ N: 16, r: 1, p: 1 })

describe('ScryptPasswords', () => {
  it('knows the right password again, and only that', async () => {
    const hash = await cheap.hash('correct horse')
    expect(await cheap.matches('correct horse', hash)).toBe(true)
    expect(await cheap.matches('correct horsf', hash)).toBe(false)
  })

  it('hashes one password differently each time', async () => {
    expect(await cheap.hash('correct horse')).not.toBe(await cheap.hash('correct horse'))
  })

  it('writes the cost into the hash, and obeys it when it has been raised since', async () => {
    const hash = await cheap.hash('correct horse')
    expect(hash).toMatch(/^scrypt\$16\$1\$1\$[\w-]{22}\$[\w-]{43}$/)
    expect(await new ScryptPasswords().matches('correct horse', hash)).toBe(true)
  })

  it('has a default cost of 32 MiB, which runs', async () => {
    const passwords = new ScryptPasswords()
    const hash = await passwords.hash('correct horse')
    expect(hash).toMatch(/^scrypt\$32768\$8\$1\$/)
    expect(await passwords.matches('correct horse', hash)).toBe(true)
  })

  it('matches nobody, whatever the password', async () => {
    expect(await cheap.matches('', undefined)).toBe(false)
    expect(await cheap.matches('correct horse', undefined)).toBe(false)
  })

  it('takes composed and decomposed letters for the same', async () => {
    expect(await cheap.matches('mu\u0308sli-riegel', await cheap.hash('m\u00fcsli-riegel'))).toBe(true)
  })

  it.each(['', 'plain', 'bcrypt$1$2$3$4$5', 'scrypt$16$1$1$$'])('%j matches nothing', async (hash) => {
    expect(await cheap.matches('', hash)).toBe(false)
  })
})

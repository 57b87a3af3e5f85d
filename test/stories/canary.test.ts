import { eachDatabase } from '@virtkit/test-databases'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Canaries } from './canary/canaries.ts'
import { drive } from './canary/drive.ts'

/** What is where it may be, and why. */
const documented: Readonly<Record<string, readonly string[]>> = {
  // The URLs of receivers are kept and shown as they were given: what is theirs in it is as readable as the rest.
  database: ['callback path', 'callback query', 'webhook path'],
  'backup in clear': ['callback path', 'callback query', 'webhook path'],
  // `GET /callbacks`, and who made it; issued secrets are told once; `GET /virtualmachines/parameter/:key` has the hash.
  answers: [
    'callback path',
    'callback query',
    'callback secret',
    'webhook path',
    'webhook secret',
    'bearer token',
    'root password',
    'root hash',
    // An error names the path that was asked for.
    'secret as a key',
  ],
}

eachDatabase((db) => {
  it('of sixty secrets, on all ways that we can drive, none gets where it does not belong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-canary-'))
    const canaries = new Canaries()
    try {
      const places = await drive(canaries, await db.options(), folder)
      expect(canaries.names.length).toBeGreaterThanOrEqual(50)
      expect(canaries.unused()).toEqual([])
      const found = Object.entries(places).flatMap(([place, text]) =>
        canaries.foundIn(text, documented[place]).map((each) => `${place}: ${each}`),
      )
      expect(found).toEqual([])
      // It was not silence that kept them; what logs must have said, `drive` has waited for.
      const short = Object.entries(places).filter(([, text]) => text.length < 100)
      expect(short.map(([place]) => place)).toEqual([])
      expect(canaries.errors.length).toBeGreaterThan(20)
      expect(places['errors']?.includes('[secret]')).toBe(true)
    } finally {
      await rm(folder, { recursive: true })
    }
  }, 240_000)
})

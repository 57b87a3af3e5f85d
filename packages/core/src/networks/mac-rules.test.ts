import { localMacRange } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { pickMac } from './mac-rules.ts'

const three = { from: '52:54:00:00:00:fe', to: '52:54:00:00:01:00' }
const dice = (...values: number[]) => {
  let turn = 0
  return (): number => values[turn++ % values.length]!
}

it('a MAC address is picked by chance, from the first to the last of the range', async () => {
  const picks = await Promise.all(
    [0, 0.5, 0.999_999].map((fraction) =>
      pickMac(
        three,
        () => fraction,
        () => false,
      ),
    ),
  )
  expect(picks).toEqual(['52:54:00:00:00:fe', '52:54:00:00:00:ff', '52:54:00:00:01:00'])
})

it('a MAC address in use is skipped', async () => {
  const taken = new Set(['52:54:00:00:00:fe', '52:54:00:00:01:00'])
  expect(await pickMac(three, dice(0, 0.9, 0.5), async (mac) => taken.has(mac))).toBe('52:54:00:00:00:ff')
})

it('a range that is used up ends the search with CONFLICT', async () => {
  let asked = 0
  const isTaken = (): boolean => ++asked > 0
  await expect(pickMac(localMacRange, Math.random, isTaken)).rejects.toMatchObject({
    code: 'CONFLICT',
    details: { field: 'mac' },
  })
  expect(asked).toBe(100)
})

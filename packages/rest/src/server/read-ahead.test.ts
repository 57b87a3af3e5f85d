import type { PresumedActor, UserActor } from '@virtkit/core'
import { expect, it } from 'vitest'
import { type Answer, jsonAnswer } from './answer.ts'
import { readAhead } from './read-ahead.ts'

const actor: UserActor = { kind: 'user', user: 1, name: 'ada', permissions: new Set(), groups: [] }

/** Somebody who is yet to be confirmed. */
function somebody(): PresumedActor & { confirm: (isSo: boolean) => void } {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  return { actor, confirmed: promise, confirm: resolve }
}

it('what was read is told once it is confirmed for whom, and not before', async () => {
  const presumed = somebody()
  let told: unknown = 'nothing'
  const given = jsonAnswer('a secret')
  const reading = readAhead(presumed, async () => given).then((ahead) => (told = ahead))
  await new Promise((resolve) => setImmediate(resolve))
  expect(told).toBe('nothing')
  presumed.confirm(true)
  await reading
  expect(await (told as { answer: Promise<Answer> }).answer).toBe(given)
})

it('so is what was refused', async () => {
  const presumed = somebody()
  presumed.confirm(true)
  const refuse = async (): Promise<Answer> => {
    throw new Error('there is no machine 7')
  }
  const ahead = await readAhead(presumed, refuse)
  await expect(ahead!.answer).rejects.toThrow('no machine 7')
  const other = somebody()
  other.confirm(false)
  expect(await readAhead(other, refuse)).toBeUndefined()
})

it('what nobody may have is given up', async () => {
  const presumed = somebody()
  presumed.confirm(false)
  let isGivenUp = false
  const stream = new ReadableStream({ cancel: () => void (isGivenUp = true) })
  expect(await readAhead(presumed, async () => new Response(stream))).toBeUndefined()
  expect(isGivenUp).toBe(true)
})

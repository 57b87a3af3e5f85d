import type { Secret } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Keyring } from '../access/keyring.ts'
import { type Reseal, resealColumn } from '../access/reseal.ts'
import type { CallbackTables } from './callback-tables.ts'

/** What a signing secret is sealed to. */
export function secretContext(callbackKey: number): string {
  return `callbacks/${callbackKey}/secret`
}

/** What the one before is sealed to. */
export function formerSecretContext(callbackKey: number): string {
  return `callbacks/${callbackKey}/former-secret`
}

export type SealedSecrets = Pick<Selectable<CallbackTables['callbacks']>, 'key' | 'secret' | 'formerSecret' | 'formerUntil'>

/** What signs at that moment: the secret, and the one before as long as it counts. Throws what the ring throws. */
export function signingSecrets(keyring: Keyring, callback: SealedSecrets, now: number): [Secret, ...Secret[]] {
  const { key, secret, formerSecret, formerUntil } = callback
  const signs = keyring.open(secret, secretContext(key))
  if (formerSecret === null || (formerUntil ?? 0) <= now) return [signs]
  return [signs, keyring.open(formerSecret, formerSecretContext(key))]
}

/** Seals anew what an older key sealed. Answers how many. */
export const resealCallbackSecrets: Reseal = async (queries, keyring) => {
  const table = { table: 'callbacks', id: 'key' } as const
  const now = await resealColumn(queries, keyring, { ...table, column: 'secret', context: secretContext })
  return now + (await resealColumn(queries, keyring, { ...table, column: 'formerSecret', context: formerSecretContext }))
}

import { type UserActor, type Virtkit, isVirtkitError } from '@virtkit/core'
import type { Command } from './command.ts'

/** Says who asks by a command; `undefined` is nobody, and nobody may do nothing. */
export type WhoAsks = (command: Command) => Promise<UserActor | undefined> | UserActor | undefined

/**
 * Each command brings an access token of its own, as the REST API takes it. Senders keep such tokens short-lived: a message lies in the
 * engine until it is taken.
 */
export function byToken(kit: Pick<Virtkit, 'tokens'>): WhoAsks {
  return async ({ token }) => (token === undefined ? undefined : kit.tokens.resolve(token))
}

/** Whoever may write to the queue acts as this user, with what the user may do at that moment. A user who is not there is nobody. */
export function asUser(kit: Pick<Virtkit, 'users'>, name: string): WhoAsks {
  let known: number | undefined
  const find = async (): Promise<number | undefined> => (await kit.users.list()).find((user) => user.name === name)?.key
  return async () => {
    known ??= await find()
    if (known === undefined) return undefined
    try {
      const actor = await kit.users.actor(known)
      if (actor.name === name) return actor
    } catch (error) {
      if (!isVirtkitError(error, 'NOT_FOUND')) throw error
    }
    // Renamed, or removed, and perhaps made again.
    known = await find()
    return known === undefined ? undefined : kit.users.actor(known)
  }
}

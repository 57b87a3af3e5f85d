import type { Client, OutputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import { invalidInput } from '@virtkit/spi'
import { pick } from './pick.ts'
import type { Session } from './session.ts'

export type User = OutputOf<Contract['users']['get']>
export type Profile = OutputOf<Contract['profiles']['get']>
export type Callback = OutputOf<Contract['callbacks']['get']>
export type NotificationFilter = OutputOf<Contract['notificationFilter']['get']>

export async function findUser(client: Client, given: string): Promise<User> {
  const list = 'virtkit users list'
  return pick(await client.users.list(), given, { what: 'user', name: ({ username }) => username, list })
}

export async function findProfile(client: Client, given: string): Promise<Profile> {
  const list = 'virtkit profiles list'
  return pick(await client.profiles.list(), given, { what: 'profile', name: ({ name }) => name, list })
}

/** Who asks. On a database nobody has logged in: then `field` has to say whom it is about. */
export async function currentUser({ client, isLocal }: Session, field: string): Promise<User> {
  if (!isLocal) return client.users.current()
  throw invalidInput([{ field, problem: 'is missing: on a database nobody has logged in', hint: 'name a user' }])
}

/** Nobody named it: its key, or the URL that is told of success. */
export async function findCallback(client: Client, given: string): Promise<Callback> {
  const list = 'virtkit callbacks list'
  return pick(await client.callbacks.list(), given, { what: 'callback', name: ({ callbackurl }) => callbackurl, list })
}

export async function findFilter(client: Client, given: string): Promise<NotificationFilter> {
  const list = 'virtkit notifications list'
  const all = await client.notificationFilter.list()
  return pick(all, given, { what: 'notification filter', name: ({ to }) => to, list })
}

/** One after the other, so that the first that is not there is the one that is named. */
export async function findEach<Found>(
  given: readonly string[] | undefined,
  find: (each: string) => Promise<Found>,
): Promise<Found[]> {
  const found: Found[] = []
  for (const each of given ?? []) found.push(await find(each))
  return found
}

import type { Kysely } from 'kysely'

/** The groups of a user are asked for before each request. */
export async function groupMembers(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('user_group_members_user').on('user_group_members').column('user_key').execute()
}

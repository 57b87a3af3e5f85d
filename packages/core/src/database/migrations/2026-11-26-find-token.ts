import { type Kysely, sql } from 'kysely'
import type { Engine } from '../database.ts'

/**
 * Who asks with a token is looked up before each request. PostgreSQL would spend most of that on planning: a function's plan is kept
 * by the session, also behind a pooler that knows no prepared statements.
 */
export async function findToken(db: Kysely<unknown>, engine: Engine): Promise<void> {
  if (engine === 'sqlite') return
  await sql`create function virtkit_find_token(wanted text) returns text language plpgsql stable as $$
  begin
    return (select json_agg(matching)::text from (
      select tokens.user_key as key, tokens.key as token, tokens.hash, tokens.expires_at as "expiresAt", tokens.generation,
        users.name, users.generation as "generationNow",
        (select string_agg(permission_group, ',') from user_permission_groups where user_key = users.key) as held,
        (select string_agg(cast(group_key as text), ',') from user_group_members where user_key = users.key) as "memberOf"
      from access_tokens as tokens join users on users.key = tokens.user_key where tokens.lookup = wanted
    ) as matching);
  end $$`.execute(db)
}

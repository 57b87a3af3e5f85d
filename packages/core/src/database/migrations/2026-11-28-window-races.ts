import { type Kysely, sql } from 'kysely'
import type { Engine } from '../database.ts'

/**
 * What a window remembers, where it begins and when the next hold ends, is true for those, too, who waited for it. Before, who gave
 * an address back while somebody noted a new beginning saw the old one, and the address lay below the new one, free and out of
 * reach; who made a hold while somebody cleared up was forgotten likewise (see docs/decisions/0050).
 */
export async function windowRaces(db: Kysely<unknown>, engine: Engine): Promise<void> {
  if (engine === 'sqlite') return // one writer at a time
  for (const statement of functions) await sql.raw(statement).execute(db)
  // What was lost already is found again: the beginning is noted anew by whoever looks after the window next.
  await sql`update address_windows set low = '', expires = (
    select min(expires_at) from addresses where addresses.network_key = address_windows.network_key)`.execute(db)
}

// `for key share` waits for those who fill, close or narrow the window, and keeps them off; unlike `for share` it goes with an update
// by somebody else who holds it, so that two who have waited together do not wait for each other.
const functions = [
  `create or replace function virtkit_address_given_back() returns trigger language plpgsql as $$
  begin
    update address_windows set low = old.address where network_key = old.network_key and low > old.address;
    if not found then
      perform from address_windows where network_key = old.network_key for key share;
      -- It may have been narrowed while we waited.
      update address_windows set low = old.address where network_key = old.network_key and low > old.address;
    end if;
    insert into free_addresses (network_key, address) values (old.network_key, old.address);
    return null;
  end $$`,
  `create or replace function virtkit_address_will_expire() returns trigger language plpgsql as $$
  begin
    update address_windows set expires = new.expires_at
      where network_key = new.network_key and (expires is null or expires > new.expires_at);
    if not found then
      perform from address_windows where network_key = new.network_key for key share;
      update address_windows set expires = new.expires_at
        where network_key = new.network_key and (expires is null or expires > new.expires_at);
    end if;
    return null;
  end $$`,
]

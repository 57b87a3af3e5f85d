import { type Kysely, sql } from 'kysely'
import type { Engine } from '../database.ts'

/**
 * Addresses that are free lie in rows of their own, a window of the lowest of each network, so that handing one out costs the same
 * however full the network is (see docs/decisions/0010).
 *
 * Triggers keep what must never come apart, whoever writes: an address of the window is free or somebody's, never both.
 */
export async function addressWindows(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .alterTable('networks')
    .addColumn('excluded', 'text', (c) => c.notNull().defaultTo('[]'))
    .execute()
  await db.schema
    .alterTable('networks')
    .addColumn('quarantineMs', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
  // Compared byte by byte, whatever the language of the database: their text order is their numeric order.
  const digits = engine === 'sqlite' ? 'text' : sql`text collate "C"`
  // On SQLite a table in the order of its key: one page to write less for each address.
  const inOrder = engine === 'sqlite' ? sql`without rowid` : sql``
  await db.schema
    .createTable('addressBook')
    // No reference to `networks`: checking it would cost as much as the address. Who removes a network closes its window first.
    .addColumn('networkKey', 'integer', (c) => c.notNull())
    .addColumn('address', digits, (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('owner', 'text')
    .addColumn('expiresAt', 'bigint')
    .addColumn('pooled', 'integer', (c) => c.notNull().defaultTo(0))
    .addPrimaryKeyConstraint('address_book_pk', ['networkKey', 'address'])
    .addUniqueConstraint('address_book_owner', ['networkKey', 'owner'])
    .modifyEnd(inOrder)
    .execute()
  await sql`insert into address_book (network_key, address, state, owner, expires_at)
    select network_key, address, state, owner, expires_at from addresses`.execute(db)
  await db.schema.dropTable('addresses').execute()
  await db.schema.alterTable('addressBook').renameTo('addresses').execute()
  await sql`create index addresses_expiry on addresses (network_key, expires_at) where expires_at is not null`.execute(db)
  await db.schema
    .createTable('addressWindows')
    .addColumn('networkKey', 'integer', (c) => c.primaryKey().references('networks.key').onDelete('cascade'))
    .addColumn('next', digits)
    .addColumn('low', digits, (c) => c.notNull().defaultTo(''))
    .addColumn('expires', 'bigint')
    .execute()
  await db.schema
    .createTable('freeAddresses')
    .addColumn('networkKey', 'integer', (c) => c.notNull().references('addressWindows.networkKey').onDelete('cascade'))
    .addColumn('address', digits, (c) => c.notNull())
    .addPrimaryKeyConstraint('free_addresses_pk', ['networkKey', 'address'])
    .modifyEnd(inOrder)
    .execute()
  for (const statement of engine === 'sqlite' ? sqliteTriggers : postgresFunctions) await sql.raw(statement).execute(db)
}

const sqliteTriggers = [
  `create trigger addresses_taken after insert on addresses begin
    update addresses set pooled = 1
      where network_key = new.network_key and address = new.address and new.pooled = 0 and exists (
        select 1 from free_addresses as free where free.network_key = new.network_key and free.address = new.address);
    delete from free_addresses where network_key = new.network_key and address = new.address;
  end`,
  `create trigger addresses_given_back after delete on addresses when old.pooled = 1 begin
    insert into free_addresses (network_key, address) values (old.network_key, old.address);
  end`,
]

const postgresFunctions = [
  // The window's lock keeps it from being filled, closed or narrowed meanwhile; an address that it holds by then is taken out of it.
  `create function virtkit_address_taken() returns trigger language plpgsql as $$
  begin
    perform from address_windows where network_key = new.network_key for share;
    delete from free_addresses where network_key = new.network_key and address = new.address;
    if not found then
      -- Somebody may have had it in hand and put it back while we waited: then it is another row, seen from now on.
      delete from free_addresses where network_key = new.network_key and address = new.address;
    end if;
    if found then
      update addresses set pooled = 1 where network_key = new.network_key and address = new.address;
    end if;
    return null;
  end $$`,
  `create trigger addresses_taken after insert on addresses for each row when (new.pooled = 0)
    execute function virtkit_address_taken()`,
  `create function virtkit_address_given_back() returns trigger language plpgsql as $$
  begin
    update address_windows set low = old.address where network_key = old.network_key and low > old.address;
    if not found then
      perform from address_windows where network_key = old.network_key for share;
    end if;
    insert into free_addresses (network_key, address) values (old.network_key, old.address);
    return null;
  end $$`,
  `create trigger addresses_given_back after delete on addresses for each row when (old.pooled = 1)
    execute function virtkit_address_given_back()`,
  `create function virtkit_address_will_expire() returns trigger language plpgsql as $$
  begin
    update address_windows set expires = new.expires_at
      where network_key = new.network_key and (expires is null or expires > new.expires_at);
    if not found then
      perform from address_windows where network_key = new.network_key for share;
    end if;
    return null;
  end $$`,
  `create trigger addresses_will_expire after insert on addresses for each row when (new.expires_at is not null)
    execute function virtkit_address_will_expire()`,
  `create trigger addresses_will_expire_then after update of expires_at on addresses for each row
    when (new.expires_at is not null) execute function virtkit_address_will_expire()`,
  // One call instead of four: each round trip would be paid with the transaction open. The session keeps its plans. Null: something
  // has expired (not asked when "at" is null), the owner has an address, or none is free.
  `create function virtkit_take_lowest(network integer, taker text, ends bigint, at bigint)
  returns text language plpgsql as $$
  declare
    lowest text;
  begin
    delete from free_addresses as free where free.ctid = (
      select candidate.ctid from free_addresses as candidate
      where candidate.network_key = network and candidate.address >= (
        select low from address_windows as open where open.network_key = network and (open.expires >= at) is not false
      ) order by candidate.address limit 1 for update skip locked
    ) returning free.address into lowest;
    if not found then
      return null;
    end if;
    insert into addresses (network_key, address, state, owner, expires_at, pooled)
      values (network, lowest, case when ends is null then 'used' else 'held' end, taker, ends, 1)
      on conflict do nothing;
    if found then
      return lowest;
    end if;
    insert into free_addresses (network_key, address) select network, lowest where not exists (
      select from addresses as other where other.network_key = network and other.address = lowest);
    return null;
  end $$`,
  // The same for several owners, who share one commit.
  `create function virtkit_take_lowest_each(network integer, takers text[], ends bigint[], at bigint)
  returns text[] language plpgsql as $$
  declare
    above text;
    lowest text;
    taken text[] := array_fill(null::text, array[cardinality(takers)]);
  begin
    select low into above from address_windows as open where open.network_key = network and (open.expires >= at) is not false;
    for i in 1 .. cardinality(takers) loop
      continue when exists (select from addresses as own where own.network_key = network and own.owner = takers[i]);
      delete from free_addresses as free where free.ctid = (
        select candidate.ctid from free_addresses as candidate
        where candidate.network_key = network and candidate.address >= above
        order by candidate.address limit 1 for update skip locked
      ) returning free.address into lowest;
      exit when not found;
      above := lowest;
      insert into addresses (network_key, address, state, owner, expires_at, pooled)
        values (network, lowest, case when ends[i] is null then 'used' else 'held' end, takers[i], ends[i], 1)
        on conflict do nothing;
      if found then
        taken[i] := lowest;
      else
        insert into free_addresses (network_key, address) select network, lowest where not exists (
          select from addresses as other where other.network_key = network and other.address = lowest);
      end if;
    end loop;
    return taken;
  end $$`,
]

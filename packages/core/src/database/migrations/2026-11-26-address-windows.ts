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
    .execute()
  await db.schema
    .createTable('freeAddresses')
    .addColumn('networkKey', 'integer', (c) => c.notNull().references('addressWindows.networkKey').onDelete('cascade'))
    .addColumn('address', digits, (c) => c.notNull())
    .addPrimaryKeyConstraint('free_addresses_pk', ['networkKey', 'address'])
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
  // The window's lock keeps it from being filled or closed meanwhile; an address that it holds by then is taken out of it.
  `create function virtkit_address_taken() returns trigger language plpgsql as $$
  begin
    perform from address_windows where network_key = new.network_key for share;
    delete from free_addresses where network_key = new.network_key and address = new.address;
    if found then
      update addresses set pooled = 1 where network_key = new.network_key and address = new.address;
    end if;
    return null;
  end $$`,
  `create trigger addresses_taken after insert on addresses for each row when (new.pooled = 0)
    execute function virtkit_address_taken()`,
  `create function virtkit_address_given_back() returns trigger language plpgsql as $$
  begin
    perform from address_windows where network_key = old.network_key for share;
    insert into free_addresses (network_key, address) values (old.network_key, old.address);
    return null;
  end $$`,
  `create trigger addresses_given_back after delete on addresses for each row when (old.pooled = 1)
    execute function virtkit_address_given_back()`,
  // One call instead of four: each round trip would be paid with the transaction open. Its plans are kept by the session. Answers
  // less than was asked for where an owner has an address, something has expired (unless "at" is null) or none is free.
  `create function virtkit_take_lowest(network integer, takers text[], ends bigint[], at bigint)
  returns table (taker text, taken text) language plpgsql as $$
  declare
    lowest text;
  begin
    if exists (select from (
      select from addresses as other where other.network_key = network and other.expires_at < at order by other.expires_at limit 1
    ) as expired) then
      return;
    end if;
    for i in 1 .. cardinality(takers) loop
      continue when exists (select from addresses as own where own.network_key = network and own.owner = takers[i]);
      delete from free_addresses as free where free.ctid = (
        select candidate.ctid from free_addresses as candidate where candidate.network_key = network
        order by candidate.address limit 1 for update skip locked
      ) returning free.address into lowest;
      exit when not found;
      insert into addresses (network_key, address, state, owner, expires_at, pooled)
        values (network, lowest, case when ends[i] is null then 'used' else 'held' end, takers[i], ends[i], 1);
      taker := takers[i];
      taken := lowest;
      return next;
    end loop;
  end $$`,
]

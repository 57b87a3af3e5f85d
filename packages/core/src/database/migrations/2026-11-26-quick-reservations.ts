import { type Kysely, sql } from 'kysely'
import type { Engine } from '../database.ts'

/**
 * Reserving in one statement: the counters move when there is room in all of them and the owner holds nothing yet, and only
 * then is the reservation written. Whatever does not fit that is for the long way (see `contingents/contingent-ledger.ts`).
 */
export async function quickReservations(db: Kysely<unknown>, engine: Engine): Promise<void> {
  for (const statement of engine === 'sqlite' ? sqlite : postgres) await sql.raw(statement).execute(db)
}

const room = (dimension: string, asked: string): string =>
  `(${asked} = 0 or ${dimension}_used + ${dimension}_reserved + ${asked} <= ${dimension}_limit)`

// A view that can be written to is SQLite's stored procedure.
const sqlite = [
  `create view contingent_requests as select group_key, owner, vm, cpu, memory, disk, expires_at from contingent_reservations`,
  `create trigger contingent_requests_granted instead of insert on contingent_requests begin
    update contingents set vm_reserved = vm_reserved + new.vm, cpu_reserved = cpu_reserved + new.cpu,
        memory_reserved = memory_reserved + new.memory, disk_reserved = disk_reserved + new.disk
      where group_key = new.group_key
        and ${room('vm', 'new.vm')} and ${room('cpu', 'new.cpu')}
        and ${room('memory', 'new.memory')} and ${room('disk', 'new.disk')}
        and not exists (select 1 from contingent_reservations as held where held.owner = new.owner);
    insert into contingent_reservations (id, group_key, owner, vm, cpu, memory, disk, expires_at)
      select new.owner, new.group_key, new.owner, new.vm, new.cpu, new.memory, new.disk, new.expires_at where changes() = 1;
  end`,
]

const postgres = [
  // For many, of several groups, who share one commit; no owner twice. Groups come in order, so that two of these never wait for
  // each other. With "patience" in milliseconds it fails rather than keep some groups waiting for another one that is locked.
  `create function virtkit_reserve_each(groups integer[], owners text[], vms bigint[], cpus bigint[], memories bigint[],
    disks bigint[], ends bigint[], patience integer) returns boolean[] language plpgsql as $$
  declare
    granted boolean[] := array_fill(false, array[cardinality(owners)]);
    part record;
    lacking record;
    written text[];
    i integer;
  begin
    if patience is not null then
      perform set_config('lock_timeout', patience::text, true);
    end if;
    for part in
      select asked.group_of, array_agg(asked.place) as places, sum(asked.vm) as vm, sum(asked.cpu) as cpu,
        sum(asked.memory) as memory, sum(asked.disk) as disk
      from unnest(groups, owners, vms, cpus, memories, disks) with ordinality
        as asked(group_of, owner, vm, cpu, memory, disk, place)
      where not exists (select from contingent_reservations as held where held.owner = asked.owner)
      group by asked.group_of order by asked.group_of
    loop
      update contingents set vm_reserved = vm_reserved + part.vm, cpu_reserved = cpu_reserved + part.cpu,
          memory_reserved = memory_reserved + part.memory, disk_reserved = disk_reserved + part.disk
        where group_key = part.group_of
          and ${room('vm', 'part.vm')} and ${room('cpu', 'part.cpu')}
          and ${room('memory', 'part.memory')} and ${room('disk', 'part.disk')};
      if found then
        with news as (
          insert into contingent_reservations (id, group_key, owner, vm, cpu, memory, disk, expires_at)
            select owners[place], part.group_of, owners[place], vms[place], cpus[place], memories[place], disks[place], ends[place]
            from unnest(part.places) as place
            on conflict do nothing returning owner
        ) select array_agg(owner) into written from news;
        select sum(vms[place]) as vm, sum(cpus[place]) as cpu, sum(memories[place]) as memory, sum(disks[place]) as disk
          into lacking from unnest(part.places) as place where owners[place] <> all(coalesce(written, '{}'));
        if lacking.vm is not null then
          update contingents set vm_reserved = vm_reserved - lacking.vm, cpu_reserved = cpu_reserved - lacking.cpu,
              memory_reserved = memory_reserved - lacking.memory, disk_reserved = disk_reserved - lacking.disk
            where group_key = part.group_of;
        end if;
        foreach i in array part.places loop
          granted[i] := owners[i] = any(coalesce(written, '{}'));
        end loop;
      else
        -- Not all of them fit; perhaps some do.
        foreach i in array part.places loop
          granted[i] := virtkit_reserve(part.group_of, owners[i], vms[i], cpus[i], memories[i], disks[i], ends[i]);
        end loop;
      end if;
    end loop;
    return granted;
  end $$`,
  `create function virtkit_reserve(group_of integer, holder text, vms bigint, cpus bigint, memories bigint, disks bigint,
    ends bigint) returns boolean language plpgsql as $$
  begin
    update contingents set vm_reserved = vm_reserved + vms, cpu_reserved = cpu_reserved + cpus,
        memory_reserved = memory_reserved + memories, disk_reserved = disk_reserved + disks
      where group_key = group_of
        and ${room('vm', 'vms')} and ${room('cpu', 'cpus')} and ${room('memory', 'memories')} and ${room('disk', 'disks')};
    if not found then
      return false;
    end if;
    insert into contingent_reservations (id, group_key, owner, vm, cpu, memory, disk, expires_at)
      values (holder, group_of, holder, vms, cpus, memories, disks, ends) on conflict do nothing;
    if found then
      return true;
    end if;
    update contingents set vm_reserved = vm_reserved - vms, cpu_reserved = cpu_reserved - cpus,
        memory_reserved = memory_reserved - memories, disk_reserved = disk_reserved - disks
      where group_key = group_of;
    return false;
  end $$`,
]

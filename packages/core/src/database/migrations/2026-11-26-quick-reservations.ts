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
  `create function virtkit_reserve_each(group_of integer, owners text[], vms bigint[], cpus bigint[], memories bigint[],
    disks bigint[], ends bigint[]) returns boolean[] language plpgsql as $$
  declare
    granted boolean[] := array_fill(false, array[cardinality(owners)]);
  begin
    for i in 1 .. cardinality(owners) loop
      update contingents set vm_reserved = vm_reserved + vms[i], cpu_reserved = cpu_reserved + cpus[i],
          memory_reserved = memory_reserved + memories[i], disk_reserved = disk_reserved + disks[i]
        where group_key = group_of
          and ${room('vm', 'vms[i]')} and ${room('cpu', 'cpus[i]')}
          and ${room('memory', 'memories[i]')} and ${room('disk', 'disks[i]')};
      continue when not found;
      insert into contingent_reservations (id, group_key, owner, vm, cpu, memory, disk, expires_at)
        values (owners[i], group_of, owners[i], vms[i], cpus[i], memories[i], disks[i], ends[i]) on conflict do nothing;
      if found then
        granted[i] := true;
      else
        update contingents set vm_reserved = vm_reserved - vms[i], cpu_reserved = cpu_reserved - cpus[i],
            memory_reserved = memory_reserved - memories[i], disk_reserved = disk_reserved - disks[i]
          where group_key = group_of;
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

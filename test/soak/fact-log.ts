import type { SqlDoor } from './sql-door.ts'

/**
 * A log of facts, kept by triggers of the database and so in the order of commits within each group: what its machines have, what
 * is promised to whom until when, its limits. Nothing of it comes from the counters that the kit keeps. It can tell, long
 * after, whether a refusal was right at its moment.
 */
export interface Fact {
  readonly seq: number
  /** Facts of one transaction become true together. Each has its own on SQLite, where nobody sees half of a transaction anyway. */
  readonly tx: string
  readonly group: number
  readonly kind: 'machine' | 'promise' | 'promise-end' | 'limit'
  /** Of a promise. */
  readonly owner: string | null
  /** A difference for machines; the whole otherwise. */
  readonly vm: number
  readonly cpu: number
  readonly memory: number
  readonly disk: number
  readonly until: number | null
}

const columns = 'group_key, kind, owner, vm, cpu, memory, disk, expires_at'
const fact = (values: string): string => `insert into soak_facts (${columns}) values (${values});`
const machine = (row: 'old' | 'new', sign: '' | '-'): string =>
  `${row}.owner_key, 'machine', null, ${sign}1, ${sign}${row}.cpus, ${sign}${row}.memory_mi_b, ${sign}${row}.disk_mi_b, null`
const promise = (kind: string, row: 'old' | 'new'): string =>
  `${row}.group_key, '${kind}', ${row}.owner, ${row}.vm, ${row}.cpu, ${row}.memory, ${row}.disk, ${row}.expires_at`
const limit = `new.group_key, 'limit', null, new.vm_limit, new.cpu_limit, new.memory_limit, new.disk_limit, null`
const resized = `new.owner_key, 'machine', null, 0, new.cpus - old.cpus, new.memory_mi_b - old.memory_mi_b, new.disk_mi_b - old.disk_mi_b, null`

interface Trigger {
  readonly name: string
  readonly on: string
  readonly when?: string
  readonly body: string
}

const triggers: readonly Trigger[] = [
  { name: 'soak_machine_in', on: 'insert on machines', body: fact(machine('new', '')) },
  { name: 'soak_machine_out', on: 'delete on machines', body: fact(machine('old', '-')) },
  {
    name: 'soak_machine_resized',
    on: 'update of cpus, memory_mi_b, disk_mi_b on machines',
    when: `old.owner_key = new.owner_key
      and (old.cpus <> new.cpus or old.memory_mi_b <> new.memory_mi_b or old.disk_mi_b <> new.disk_mi_b)`,
    body: fact(resized),
  },
  {
    name: 'soak_machine_moved',
    on: 'update of owner_key on machines',
    when: 'old.owner_key <> new.owner_key',
    body: fact(machine('old', '-')) + fact(machine('new', '')),
  },
  { name: 'soak_promise_in', on: 'insert on contingent_reservations', body: fact(promise('promise', 'new')) },
  {
    name: 'soak_promise_changed',
    on: 'update on contingent_reservations',
    body: fact(promise('promise-end', 'old')) + fact(promise('promise', 'new')),
  },
  { name: 'soak_promise_out', on: 'delete on contingent_reservations', body: fact(promise('promise-end', 'old')) },
  { name: 'soak_limit_in', on: 'insert on contingents', body: fact(limit) },
  {
    name: 'soak_limit_changed',
    on: 'update of vm_limit, cpu_limit, memory_limit, disk_limit on contingents',
    body: fact(limit),
  },
  {
    // What has ended stays as it ended: a second worker's write shows here.
    name: 'soak_after_end',
    on: 'update on operations',
    when: 'old.ended_at is not null',
    body: `insert into soak_after_end (operation, was, became) values (old.id, old.state, new.state);`,
  },
]

/** Puts the log into a database that has our tables and nothing in them yet. */
export async function installFactLog(door: SqlDoor): Promise<void> {
  const { engine } = door
  const key = engine === 'sqlite' ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key'
  const tx = engine === 'sqlite' ? `text` : `text not null default pg_current_xact_id()::text`
  await door.run(`create table soak_facts (seq ${key}, tx ${tx}, group_key integer not null, kind text not null, owner text,
    vm bigint not null, cpu bigint not null, memory bigint not null, disk bigint not null, expires_at bigint)`)
  await door.run('create index soak_facts_group on soak_facts (group_key, seq)')
  await door.run('create table soak_after_end (operation text not null, was text not null, became text not null)')
  await door.run('create table soak_effects (operation text not null)')
  for (const { name, on, when, body } of triggers) {
    const condition = when ? ` when (${when})` : ''
    if (engine === 'sqlite') await door.run(`create trigger ${name} after ${on}${condition} begin ${body} end`)
    else {
      await door.run(`create function ${name}() returns trigger language plpgsql as $$ begin ${body} return null; end $$`)
      await door.run(`create trigger ${name} after ${on} for each row${condition} execute function ${name}()`)
    }
  }
}

export async function readFactLog(door: SqlDoor): Promise<Fact[]> {
  return door.all<Fact>(`select seq, coalesce(tx, cast(seq as text)) as tx, group_key as "group", kind, owner, vm, cpu, memory, disk,
    expires_at as "until" from soak_facts order by group_key, seq`)
}

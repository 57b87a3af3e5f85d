import type { SqlDoor } from '../sql-door.ts'

/** The address book without any constraint: the same columns, empty, as when nothing has been handed out yet. */
export async function dropAddressConstraints(door: SqlDoor): Promise<void> {
  const empty = door.engine === 'sqlite' ? 'where false' : 'with no data'
  await door.run(`create table addresses_plain as select * from addresses ${empty}`)
  await door.run('drop table addresses')
  await door.run('alter table addresses_plain rename to addresses')
}

/** Nothing but the code keeps two cards from having one MAC. */
export async function dropMacConstraint(door: SqlDoor): Promise<void> {
  if (door.engine === 'postgres') return door.run('alter table machine_networks drop constraint machine_networks_mac')
  const [table] = await door.all<{ sql: string }>(`select sql from sqlite_master where name = 'machine_networks'`)
  const constraint = /, constraint "machine_networks_mac" unique \([^)]*\)/
  if (!table || !constraint.test(table.sql)) throw new Error('machine_networks has no such constraint any more')
  await door.run('drop table machine_networks')
  await door.run(table.sql.replace(constraint, ''))
}

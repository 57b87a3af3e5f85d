import type { Queries } from '../database/database.ts'
import { stateOf } from './contingent-rows.ts'
import { dimensions } from './contingent-rules.ts'
import type { Amount, ContingentDrift } from './contingents.ts'

/** Compares counters with machines and reservations, as they are at one moment: that is why it is one statement. */
export async function findDrift(queries: Queries): Promise<readonly ContingentDrift[]> {
  const rows = await queries
    .selectFrom('contingents')
    .leftJoin(
      (from) =>
        from
          .selectFrom('machines')
          .groupBy('ownerKey')
          .select(({ fn }) => [
            'ownerKey',
            fn.countAll<number>().as('vmOnPaper'),
            fn.sum<number>('cpus').as('cpuOnPaper'),
            fn.sum<number>('memoryMiB').as('memoryOnPaper'),
            fn.sum<number>('diskMiB').as('diskOnPaper'),
          ])
          .as('onPaper'),
      (join) => join.onRef('onPaper.ownerKey', '=', 'contingents.groupKey'),
    )
    .leftJoin(
      (from) =>
        from
          .selectFrom('contingentReservations')
          .groupBy('groupKey')
          .select(({ fn }) => [
            'groupKey as promisedTo',
            fn.sum<number>('vm').as('vmPromised'),
            fn.sum<number>('cpu').as('cpuPromised'),
            fn.sum<number>('memory').as('memoryPromised'),
            fn.sum<number>('disk').as('diskPromised'),
          ])
          .as('promised'),
      (join) => join.onRef('promised.promisedTo', '=', 'contingents.groupKey'),
    )
    .selectAll()
    .orderBy('contingents.groupKey')
    .execute()
  return rows.flatMap((row) => {
    // Both joins leave it null in groups that have none; the contingent's own columns never are.
    const { used, reserved } = stateOf(row)
    const onPaper = orNothing(row.vmOnPaper, row.cpuOnPaper, row.memoryOnPaper, row.diskOnPaper)
    const promised = orNothing(row.vmPromised, row.cpuPromised, row.memoryPromised, row.diskPromised)
    return [
      ...differences(row.groupKey, 'used', used, onPaper),
      ...differences(row.groupKey, 'reserved', reserved, promised),
    ]
  })
}

function differences(group: number, kind: ContingentDrift['kind'], recorded: Amount, actual: Amount): ContingentDrift[] {
  return dimensions
    .filter((dimension) => recorded[dimension] !== actual[dimension])
    .map((dimension) => ({ group, dimension, kind, recorded: recorded[dimension], actual: actual[dimension] }))
}

function orNothing(vm: number | null, cpu: number | null, memory: number | null, disk: number | null): Amount {
  return { vm: vm ?? 0, cpu: cpu ?? 0, memory: memory ?? 0, disk: disk ?? 0 }
}

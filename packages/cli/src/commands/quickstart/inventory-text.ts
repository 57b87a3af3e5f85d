import { MiB, formatSize } from '@virtkit/spi'
import { renderBar } from '../../output/bars.ts'
import { renderAmount } from '../../output/error-text.ts'
import type { Output } from '../../output/output.ts'
import { renderTable } from '../../output/table.ts'
import type { AddressRow, InventoryRow, UsageRow } from './quickstart-events.ts'

type Look = Pick<Output, 'columns' | 'paint'>

export function renderInventory(machines: readonly InventoryRow[], look: Look): string[] {
  return renderTable(
    [
      { title: 'name' },
      { title: 'state' },
      { title: 'power' },
      { title: 'address' },
      { title: 'cpus', align: 'right' },
      { title: 'memory', align: 'right' },
      { title: 'disk', align: 'right' },
      { title: 'datastore' },
    ],
    machines.map(({ name, state, power, address, cpus, memoryMiB, diskMiB, datastore }) => [
      name,
      state,
      power,
      address,
      String(cpus),
      formatSize(memoryMiB * MiB),
      formatSize(diskMiB * MiB),
      datastore,
    ]),
    styled(look),
  )
}

export function renderAddresses(addresses: readonly AddressRow[], look: Look): string[] {
  return renderTable(
    [{ title: 'address' }, { title: 'state' }, { title: 'machine' }, { title: 'mac' }],
    addresses.map(({ address, state, machine, mac }) => [address, state, machine, mac]),
    styled(look),
  )
}

/** One bar per dimension; what is reserved counts as taken. */
export function renderUsage(dimensions: readonly UsageRow[]): string[] {
  return dimensions.map(({ dimension, limit, used, reserved }) => {
    const taken = used + reserved
    const bar = renderBar(limit === 0 ? 1 : taken / limit, 30)
    return `${dimension.padEnd(6)}  ${bar}  ${renderAmount(dimension, taken)} of ${renderAmount(dimension, limit)}`
  })
}

function styled({ columns, paint }: Look): { columns: number; paintTitle: (text: string) => string } {
  return { columns, paintTitle: (text) => paint('dim', text) }
}

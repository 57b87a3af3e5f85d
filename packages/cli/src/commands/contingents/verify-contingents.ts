import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type AddressDrift, type ContingentDrift, type Virtkit, createVirtkit } from '@virtkit/core'
import { invalidInput } from '@virtkit/spi'
import { everyDriver } from '../../drivers/every-driver.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { Host } from '../../host.ts'
import type { Output } from '../../output/output.ts'
import { renderTable } from '../../output/table.ts'
import type { Context } from '../../program.ts'
import { parseDatabaseLocation } from '../quickstart/database-location.ts'

export interface VerifyContingentsOptions {
  readonly database: string
}

/** Compares counters with machines, and the address book with network cards. Exit 0 when nothing differs. */
export async function verifyContingents(options: VerifyContingentsOptions, { host, output }: Context): Promise<number> {
  const kit = await openKit(options.database, host)
  try {
    const contingents = await kit.contingents.verify()
    const addresses = await kit.machineNetworks.verify()
    tell(output, contingents, addresses, await groupNames(kit))
    return contingents.length + addresses.length === 0 ? exitCodes.ok : exitCodes.drift
  } finally {
    await kit.close()
  }
}

/** A kit that only looks: it works on nothing, and opens no secret, so that a key of the moment will do. */
async function openKit(where: string, { cwd, stderr }: Host): Promise<Virtkit> {
  const { database } = parseDatabaseLocation(where, cwd).options
  const file = 'sqlite' in database ? database.sqlite : undefined
  // Opening it would make an empty one, in which nothing differs.
  if (typeof file === 'string' && !existsSync(file)) {
    throw invalidInput([{ field: '--database', problem: `there is no file ${file}` }])
  }
  const keys = [{ id: 'moment', key: randomBytes(32).toString('base64') }]
  const drivers = await everyDriver(cwd, (text) => void stderr.write(`virtkit: ${text}\n`))
  return createVirtkit({ database, encryption: { keys }, drivers, operations: { work: false } })
}

async function groupNames(kit: Virtkit): Promise<ReadonlyMap<number, string>> {
  return new Map((await kit.groups.list()).map(({ key, name }) => [key, name]))
}

function tell(
  output: Output,
  contingents: readonly ContingentDrift[],
  addresses: readonly AddressDrift[],
  names: ReadonlyMap<number, string>,
): void {
  if (output.isJson) {
    for (const each of contingents) output.json({ event: 'contingent', ...each })
    for (const each of addresses) output.json({ event: 'address', ...each })
    return output.json({ event: 'verified', contingents: contingents.length, addresses: addresses.length })
  }
  const { columns } = output
  const paintTitle = (text: string): string => output.paint('bold', text)
  if (contingents.length > 0) {
    const rows = contingents.map(({ group, dimension, kind, recorded, actual }) => [
      names.get(group) ?? String(group),
      unitOf[dimension],
      kind,
      String(recorded),
      String(actual),
    ])
    const titles = [{ title: 'group' }, { title: 'dimension' }, { title: 'kind' }, right('recorded'), right('actual')]
    for (const line of renderTable(titles, rows, { columns, paintTitle })) output.line(line)
  }
  if (addresses.length > 0) {
    const rows = addresses.map(({ network, machine, card, recorded, actual }) => [
      String(network),
      machine === undefined ? 'none' : String(machine),
      String(card),
      recorded ?? 'none',
      actual ?? 'none',
    ])
    const titles = ['network', 'machine', 'card', 'in the book', 'on the card'].map((title) => ({ title }))
    if (contingents.length > 0) output.line()
    for (const line of renderTable(titles, rows, { columns, paintTitle })) output.line(line)
  }
  if (output.isQuiet) return
  const count = contingents.length + addresses.length
  const summary =
    count === 0
      ? output.paint('green', 'Contingents agree with machines, and addresses with network cards.')
      : output.paint('red', `${contingents.length} differences of contingents, ${addresses.length} of addresses.`)
  if (count > 0) output.line()
  output.line(summary)
}

const unitOf = { vm: 'machines', cpu: 'cpus', memory: 'memory MiB', disk: 'disk MiB' } as const

function right(title: string): { title: string; align: 'right' } {
  return { title, align: 'right' }
}

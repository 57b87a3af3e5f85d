import { systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { addCluster, addNetwork } from '../../test/address-network.ts'
import { RoleAccess } from '../access/role-access.ts'
import { SqlContingents } from '../contingents/sql-contingents.ts'
import type { Queries } from '../database/database.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import { SqlAddresses } from '../networks/sql-addresses.ts'
import { type ForgetParts, forgetMachine } from './forget-machine.ts'

eachDatabase((db) => {
  let coming: OpenDatabase
  let going: OpenDatabase

  beforeEach(async () => {
    coming = await openDatabase(await db.options())
    going = await openDatabase(await db.options())
  })
  afterEach(async () => {
    await coming[Symbol.asyncDispose]()
    await going[Symbol.asyncDispose]()
  })

  it('a machine that comes and one that goes, of one group on one network, wait in a row and not in a circle', async () => {
    const { queries } = coming.database
    const { key: group } = await queries
      .insertInto('userGroups')
      .values({ name: 'operators', createdAt: 0 })
      .returning('key')
      .executeTakeFirstOrThrow()
    await addCluster(coming.database)
    const network = await addNetwork(coming.database, { cidr: '10.0.0.0/24' })
    const one = { vm: 1, cpu: 1, memory: 1, disk: 1 }
    const contingents = contingentsOn(coming)
    await contingents.set(group, { vm: 9, cpu: 9, memory: 9, disk: 9 })
    const addresses = new SqlAddresses(coming.database, systemClock)
    const machine = await queries.transaction().execute(async (inner) => {
      const { key } = await inner.insertInto('machines').values(machineOf(group)).returning('key').executeTakeFirstOrThrow()
      await contingents.charge(inner, group, one)
      return key
    })
    await addresses.allocate(queries, { networkKey: network, owner: `nic/${machine}` })
    await addresses.allocate(queries, { networkKey: network, owner: 'hold', holdUntil: systemClock.now() + 100 })

    let tries = 0
    const charged = Promise.withResolvers<void>()
    const come = coming.database.transaction(async (inner) => {
      tries += 1
      await contingents.charge(inner, group, one)
      charged.resolve()
      await sleep(300) // the other one is at the contingent by then, and waits
      // The hold has ended: clearing it up holds the network's window, through which an address that is given back goes.
      await addresses.allocate(inner, { networkKey: network, owner: 'nic/new' })
    })
    await charged.promise
    const others = new SqlAddresses(going.database, systemClock)
    const machineNetworks = {
      release: (inner: Queries, key: number) => others.release(inner, network, `nic/${key}`),
    } as ForgetParts['machineNetworks']
    const go = going.database.transaction(async (inner) => {
      tries += 1
      await forgetMachine({ contingents: contingentsOn(going), machineNetworks }, inner, machine)
    })
    await Promise.all([come, go])
    expect(tries).toBe(2)
    expect((await contingents.ofGroup(group))?.used).toEqual(one)
    expect((await addresses.list(queries, network)).map(({ owner }) => owner)).toEqual(['nic/new'])
  })
})

function contingentsOn({ database }: OpenDatabase): SqlContingents {
  return new SqlContingents(database, new RoleAccess(), { append: async () => {} } as never, systemClock)
}

const machineOf = (group: number) => ({
  name: 'm',
  ownerKey: group,
  clusterKey: 1,
  os: 'debian-12',
  cpus: 1,
  memoryMiB: 1,
  diskMiB: 1,
  datastore: 'auto',
  provisioning: 'thin' as const,
  firmware: 'bios' as const,
  state: 'deployed' as const,
  mark: 'mark',
  createdAt: 0,
  version: 1,
})

import { randomUUID } from 'node:crypto'
import { denied, failed } from '../api-error.ts'
import { creationQemuOf } from '../world/world.ts'
import { type Machine, defaultBoot, diskKey, identity, netKey } from '../world/machine.ts'
import { settleDrive, settleNet } from '../world/drives.ts'
import { type ConfigChange, checkChange, checkStorages, configEntries } from './config-changes.ts'
import { createParameters } from './machine-parameters.ts'
import { startMachine } from './machine-power.ts'
import type { Call, Route } from './route.ts'

export const machineCreateRoutes: readonly Route[] = [
  { method: 'POST', path: '/nodes/{node}/qemu', parameters: createParameters, access: 'all', answer: create },
]

/** A number is taken before the answer, atomically: of many who want it one gets it, the others are told at once. */
function create(call: Call): string {
  const { world, params } = call
  const [vmid, node, pool] = [params.number('vmid'), params.text('node'), params.find('pool')]
  if (!call.may(`/vms/${vmid}`, ['VM.Allocate']) && !(pool !== undefined && call.may(`/pool/${pool}`, ['VM.Allocate']))) {
    throw denied()
  }
  if (params.has('archive')) throw failed(`unable to create VM ${vmid} - no restore from archives in this simulator`)
  const set = configEntries(call)
  const change: ConfigChange = { set, remove: [], revert: [] }
  checkStorages(call, node, set)
  checkChange(call, vmid, change, { creating: true, pool })
  if (pool !== undefined && !world.pools.has(pool)) throw failed(`pool '${pool}' does not exist`)
  const taken = world.machines.get(vmid)
  if (taken) throw failed(`unable to create VM ${vmid} - VM ${vmid} already exists on node '${taken.node}'`)
  const machine = reserve(call, vmid, node, 'create')
  if (pool !== undefined) world.pools.get(pool)?.vms.add(vmid)
  return call.start(node, 'qmcreate', vmid, async (hand) => {
    try {
      await hand.pause(60)
      hand.log(...fillIn(call, machine, set))
      await hand.pause(300)
      delete machine.lock
    } catch (error) {
      discard(call, machine)
      throw failed(`unable to create VM ${vmid} - ${error instanceof Error ? error.message : String(error)}`)
    }
    if (params.flag('start')) await startMachine(call, machine, hand)
  })
}

/** An empty configuration file under this number, locked: nobody else gets the number. */
export function reserve({ world }: Call, vmid: number, node: string, lock: string): Machine {
  const machine: Machine = { vmid, node, config: new Map(), pending: new Map(), snapshots: new Map(), lock }
  world.machines.set(vmid, machine)
  return machine
}

export function discard({ world }: Call, machine: Machine): void {
  world.machines.delete(machine.vmid)
  for (const pool of world.pools.values()) pool.vms.delete(machine.vmid)
}

function fillIn({ world }: Call, machine: Machine, set: ConfigChange['set']): string[] {
  const log: string[] = []
  const made: string[] = []
  try {
    for (const [key, given] of set) {
      if (diskKey.test(key)) {
        const settled = settleDrive(world.storages, machine, key, given)
        if (settled.made) made.push(settled.made.volid)
        log.push(...settled.log)
        machine.config.set(key, settled.value)
      } else machine.config.set(key, netKey.test(key) ? settleNet(given) : given)
    }
  } catch (error) {
    for (const volid of made) world.storages.remove(volid, machine.node)
    throw error
  }
  for (const [key, value] of identity(creationQemuOf(world), world.now())) {
    if (!machine.config.has(key)) machine.config.set(key, value)
  }
  if (machine.config.get('vmgenid') === '1') machine.config.set('vmgenid', randomUUID())
  const boot = defaultBoot(machine.config)
  if (boot !== undefined && !machine.config.has('boot')) machine.config.set('boot', boot)
  return log
}

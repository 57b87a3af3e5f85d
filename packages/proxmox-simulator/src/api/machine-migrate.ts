import { failed } from '../api-error.ts'
import { checkLock, withConfigLock } from '../tasks/machine-locks.ts'
import { drivesOf } from '../world/drives.ts'
import type { Machine } from '../world/machine.ts'
import { machineOf } from './machine-config.ts'
import { machineId } from './machine-parameters.ts'
import { flag, oneOf, optional, text, whole } from './parameters.ts'
import { rootOption } from './root-option.ts'
import type { Call, Route } from './route.ts'

const migrate = { path: '/vms/{vmid}', privileges: ['VM.Migrate'] }

export const machineMigrateRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/nodes/{node}/qemu/{vmid}/migrate',
    parameters: { ...machineId, ...optional({ target: text({ format: 'node' }) }) },
    access: migrate,
    answer: (call) => {
      const machine = machineOf(call)
      const others = [...call.world.nodes.values()].filter(({ node, online }) => online && node !== machine.node)
      return {
        running: machine.running ? 1 : 0,
        allowed_nodes: others.map(({ node }) => node),
        not_allowed_nodes: {},
        local_disks: localDisks(call, machine).map((volid) => ({ volid })),
        local_resources: [],
        'mapped-resources': [],
      }
    },
  },
  {
    method: 'POST',
    path: '/nodes/{node}/qemu/{vmid}/migrate',
    parameters: {
      ...machineId,
      target: text({ format: 'node' }),
      ...optional({
        bwlimit: whole(0),
        force: flag,
        migration_network: text(),
        migration_type: oneOf('secure', 'insecure'),
        online: flag,
        targetstorage: text(),
        'with-local-disks': flag,
      }),
    },
    access: migrate,
    answer: move,
  },
]

function localDisks({ world }: Call, machine: Machine): string[] {
  return drivesOf(machine.config)
    .map(({ volid }) => volid)
    .filter((volid) => world.storages.find(volid, machine.node)?.node !== undefined)
}

function move(call: Call): string {
  rootOption(call, 'force')
  const { params, world } = call
  const [node, vmid, target] = [params.text('node'), params.number('vmid'), params.text('target')]
  const machine = machineOf(call)
  checkLock(machine)
  if (target === node) throw failed('target is local node.')
  world.node(target)
  if (machine.running && !params.flag('online')) throw failed("can't migrate running VM without --online")
  return call.start(node, 'qmigrate', vmid, async (hand) => {
    const local = localDisks(call, machine)
    hand.log(`starting migration of VM ${vmid} to node '${target}'`)
    if (machine.running && local.length > 0 && !params.flag('with-local-disks')) {
      hand.log(`can't live migrate attached local disks without with-local-disks option`)
      throw failed("Problem found while scanning volumes - can't migrate VM - check log")
    }
    await withConfigLock(machine, 'migrate', async () => {
      await hand.pause(1500)
      for (const volid of local) {
        const volume = world.storages.find(volid, node)
        if (!volume) continue
        world.storages.get(volume.storage, target)
        world.storages.remove(volid, node)
        world.storages.add({ ...volume, node: target })
      }
      machine.node = target
    })
    hand.log('migration finished successfully (duration 00:00:01)')
  })
}

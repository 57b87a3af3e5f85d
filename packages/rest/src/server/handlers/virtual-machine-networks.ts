import type { MachineNetwork, MachineNetworkInput } from '@virtkit/core'
import { invalidInput } from '@virtkit/spi'
import type { BodyOf } from '../../contract/operation.ts'
import type { virtualMachineNetworks } from '../../contract/resources/virtual-machine-networks.ts'
import type { Call, Handlers } from '../handler.ts'

export const virtualMachineNetworkHandlers: Handlers<typeof virtualMachineNetworks> = {
  create: async ({ services, body, by }) => toWire(await services.machineNetworks.add(body.vmkey, toInput(body), by)),
  list: async ({ services, by }) => (await services.machineNetworks.list({}, by)).map(toWire),
  get: async ({ services, params, by }) => (await services.machines.get(params.key, by)).networks.map(toWire),
  update: async ({ services, params, body, by }) => {
    await requireOf(services, params.key, body.vmkey, by)
    return toWire(await services.machineNetworks.update(params.key, toInput(body), by))
  },
  remove: async ({ services, params, body, by }) => {
    await requireOf(services, params.key, body.vmkey, by)
    await services.machineNetworks.remove(params.key, by)
    return { msg: 'network card removed', key: params.key, vmkey: body.vmkey }
  },
}

/** The original names a card twice: by its own key, and by its machine's. */
async function requireOf(services: Call['services'], key: number, vmkey: number, by: Call['by']): Promise<void> {
  const { machine } = await services.machineNetworks.get(key, by)
  if (machine === vmkey) return
  throw invalidInput([
    { field: 'vmkey', problem: `network card ${key} is of virtual machine ${machine}`, hint: 'a card does not move' },
  ])
}

function toInput({ netkey, ip, mac, domains }: BodyOf<typeof virtualMachineNetworks.create>): MachineNetworkInput {
  return {
    network: netkey,
    ...(ip !== undefined && { ip }),
    ...(mac !== undefined && { mac }),
    ...(domains && { domains }),
  }
}

function toWire({ key, machine, network, ip, mac, domains }: MachineNetwork) {
  return { key, vmkey: machine, netkey: network, ip: ip ?? '', mac, domains: [...domains] }
}

import type { MachineInfo } from '@virtkit/spi'
import { defined } from './machine-spec.ts'
import type { MachineState } from './world-state.ts'

/** A machine in the contract's words; a copy, so that nobody reaches into the world. */
export function machineInfo(machine: MachineState): MachineInfo {
  const { ref, name, key, power, cpus, memoryMiB, firmware, medium, bootsFrom, host, datacenter, isTemplate, guestOs } =
    machine
  return {
    ...defined({ key, medium, guestOs }),
    ref,
    name,
    power,
    cpus,
    memoryMiB,
    firmware,
    bootsFrom,
    host,
    datacenter,
    isTemplate,
    disks: machine.disks.map((disk) => ({ ...disk })),
    nics: machine.nics.map((nic) => ({ ...nic })),
  }
}

import { type MachineInfo, type MachineSpec, type MediumInfo, invalidInput } from '@virtkit/spi'
import type { CallCounts } from '../call-counts.ts'
import type { Simulator } from '../session.ts'
import { freeMiB } from './capacity.ts'
import { draftMachine } from './machine-spec.ts'
import { machineInfo } from './machine-view.ts'
import { mediumInfo } from './media.ts'
import { hostToStart } from './placement.ts'
import type { MachineOptions } from './world-options.ts'

/** The hand of the experimenter: what can be seen and done past the driver. */
export interface World {
  machines(): readonly MachineInfo[]
  media(): readonly MediumInfo[]
  /** The bytes of a stored medium. */
  readMedium(ref: string): Promise<Uint8Array | undefined>
  /** A file of the machine's first disk. */
  readDisk(ref: string, path: string): string | undefined
  writeDisk(ref: string, files: Readonly<Record<string, string>>): void
  readMemory(ref: string, key: string): string | undefined
  /** Into the memory of a running machine; of one that is off, no effect. */
  writeMemory(ref: string, key: string, value: string): void
  /** The last lines of the serial console. */
  console(ref: string): readonly string[]
  /** A machine that somebody else made. */
  addMachine(options: MachineOptions): MachineInfo
  /** Somebody else destroys it. */
  removeMachine(ref: string): void
  /** Moves a machine, running or not, to that host or to any other; answers where it is now. */
  moveMachine(ref: string, host?: string): string
  /** A host that goes offline takes its running machines down. */
  setHostOnline(name: string, online: boolean): void
  summary(): WorldSummary
}

/** What there is, for those who count; JSON. */
export interface WorldSummary {
  readonly machines: readonly MachineInfo[]
  readonly media: readonly MediumInfo[]
  readonly datastores: readonly { readonly name: string; readonly capacityMiB: number; readonly freeMiB: number }[]
  readonly calls: ReturnType<CallCounts['summary']>
  readonly sessions: number
}

export function createWorld({ core, guests, calls, sessions }: Simulator): World {
  const { state } = core
  const machines = (): MachineInfo[] => [...state.machines.values()].map(machineInfo)
  const media = (): MediumInfo[] => [...state.media.values()].map(mediumInfo)
  const world: World = {
    machines,
    media,
    readMedium: async (ref) => {
      const medium = state.media.get(ref)
      return medium && core.media.read(medium.bytesId)
    },
    readDisk: (ref, path) => core.get(ref).files[path],
    writeDisk: (ref, files) => core.writeFiles(core.get(ref), { ...files }),
    readMemory: (ref, key) => core.get(ref).memory[key],
    writeMemory: (ref, key, value) => core.writeMemory(core.get(ref), key, value),
    console: (ref) => guests.console(ref),
    addMachine: ({ key, power = 'off', isTemplate = false, files = {}, ...asked }) => {
      const spec: MachineSpec = { ...blank, ...asked }
      const machine = core.add({ ...draftMachine(state, spec, { ...files }), isTemplate }, key)
      if (power === 'on') core.powerOn(machine)
      else machine.power = power
      return machineInfo(machine)
    },
    removeMachine: (ref) => core.destroy(core.get(ref)),
    moveMachine: (ref, wanted) => {
      const machine = core.get(ref)
      const elsewhere = state.hosts.find(
        (host) =>
          host.online &&
          host.datacenter === machine.datacenter &&
          host.name !== machine.host &&
          (wanted ?? host.name) === host.name,
      )
      if (!elsewhere)
        throw invalidInput([{ field: 'host', problem: `${machine.name} cannot move to ${wanted ?? 'another one'}` }])
      machine.host = hostToStart(state, { ...machine, host: elsewhere.name, pinned: true })
      core.tell('changed', ref)
      return machine.host
    },
    setHostOnline: (name, online) => {
      const host = state.hosts.find((one) => one.name === name)
      if (!host) throw invalidInput([{ field: 'host', problem: `there is no host ${name}` }])
      host.online = online
      core.keeper.touch()
      if (online) return
      for (const machine of state.machines.values()) if (machine.host === name) core.powerOff(machine)
    },
    summary: () => ({
      machines: machines(),
      media: media(),
      datastores: state.datastores.map((one) => ({
        name: one.name,
        capacityMiB: one.capacityMiB,
        freeMiB: freeMiB(state, one),
      })),
      calls: calls.summary(),
      sessions: sessions.size,
    }),
  }
  return world
}

const blank: Omit<MachineSpec, 'name'> = {
  cpus: 1,
  memoryMiB: 1024,
  firmware: 'bios',
  disks: [{ sizeMiB: 10_240, provisioning: 'thin' }],
  nics: [],
  placement: {},
}

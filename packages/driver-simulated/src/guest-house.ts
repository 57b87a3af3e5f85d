import type { Clock } from '@virtkit/spi'
import type { GuestHardware, GuestOptions } from './guests/guest-hardware.ts'
import type { GuestPace } from './guests/guest-pace.ts'
import { seededRandom } from './world/seeded-random.ts'
import { type GuestHouse, type WorldCore, hasSystem } from './world/world-core.ts'
import type { MachineState } from './world/world-state.ts'

/**
 * What runs inside of a machine from power on to power off, which aborts the signal; when it ends before, the machine hangs,
 * but stays on.
 */
export type GuestProgram = (hardware: GuestHardware, options: GuestOptions, signal: AbortSignal) => Promise<unknown>

export interface GuestHouseOptions {
  readonly clock: Clock
  /** What runs inside; without it machines run, and nothing is in them. */
  readonly program: GuestProgram | undefined
  readonly pace: GuestPace
  readonly lease?: GuestOptions['lease']
  /** How long an installed system takes to shut down, in milliseconds. */
  readonly shutdownMs: number
}

export interface RunningGuests extends GuestHouse {
  /** Asks the guest to shut down. Where a system is installed the machine is off a little later; others do not hear. */
  askToShutDown(machine: MachineState): void
  /** The last lines of the serial console, oldest first. */
  console(ref: string): readonly string[]
  /** Runs the guests of all machines that are on: after a start of the simulator. */
  resume(): void
  /** Stops all guests, as a power failure would; the machines stay on. */
  close(): Promise<void>
}

const consoleLines = 200

interface Guest {
  readonly stop: AbortController
  shuttingDown: boolean
}

export function createGuestHouse(core: WorldCore, options: GuestHouseOptions): RunningGuests {
  const guests = new Map<string, Guest>()
  const consoles = new Map<string, string[]>()
  const endings = new Set<Promise<void>>()
  const { clock } = options

  const print = (ref: string, line: string): void => {
    const lines = consoles.get(ref) ?? []
    consoles.set(ref, lines)
    lines.push(line)
    if (lines.length > consoleLines) lines.splice(0, lines.length - consoleLines)
  }
  const live = async (machine: MachineState, signal: AbortSignal): Promise<void> => {
    const random = seededRandom(core.state.seed * 31 + machine.sequence)
    const { program, pace, lease } = options
    // After the call that switched it on: a guest never runs inside of somebody's power-on.
    await Promise.resolve()
    try {
      await program?.(
        hardwareOf(core, machine, signal, print),
        { clock, random, pace, ...(lease ? { lease } : {}) },
        signal,
      )
    } catch (error) {
      print(machine.ref, `guest died: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const enter = (machine: MachineState, alreadyUp = false): void => {
    const stop = new AbortController()
    guests.set(machine.ref, { stop, shuttingDown: false })
    if (alreadyUp) return
    const ending = live(machine, stop.signal).then(() => void endings.delete(ending))
    endings.add(ending)
  }
  return {
    start: (machine, how) => {
      // A running guest that is started anew is a reset: the old one ends.
      guests.get(machine.ref)?.stop.abort(new Error('reset'))
      enter(machine, how?.alreadyUp)
    },
    stop: (ref) => {
      guests.get(ref)?.stop.abort(new Error('power off'))
      guests.delete(ref)
      if (!core.state.machines.has(ref)) consoles.delete(ref)
    },
    askToShutDown: (machine) => {
      const guest = guests.get(machine.ref)
      if (!guest || guest.shuttingDown || !hasSystem(machine)) return
      guest.shuttingDown = true
      clock.sleep(options.shutdownMs, guest.stop.signal).then(
        () => core.powerOff(machine),
        () => undefined,
      )
    },
    console: (ref) => [...(consoles.get(ref) ?? [])],
    resume: () => {
      for (const machine of core.state.machines.values()) {
        if (machine.power === 'on' && !guests.has(machine.ref)) enter(machine)
      }
    },
    close: async () => {
      for (const guest of guests.values()) guest.stop.abort(new Error('the simulator closes'))
      guests.clear()
      await Promise.all(endings)
    },
  }
}

/** What a guest can reach of its machine. A guest whose machine was switched off writes into the void. */
function hardwareOf(
  core: WorldCore,
  machine: MachineState,
  signal: AbortSignal,
  print: (ref: string, line: string) => void,
): GuestHardware {
  const alive = (work: () => void): void => {
    if (!signal.aborted) work()
  }
  return {
    name: machine.name,
    firmware: machine.firmware,
    nics: machine.nics.map(({ mac, network }) => ({ mac, network })),
    bootsFrom: () => machine.bootsFrom,
    medium: async () => {
      const medium = machine.medium === undefined ? undefined : core.state.media.get(machine.medium)
      return medium && core.media.read(medium.bytesId)
    },
    readDisk: (path) => (Object.hasOwn(machine.files, path) ? machine.files[path] : undefined),
    writeDisk: (files) => alive(() => core.writeFiles(machine, { ...files })),
    writeMemory: (key, value) => alive(() => core.writeMemory(machine, key, value)),
    setAddresses: (addresses) => alive(() => core.setAddresses(machine, addresses)),
    console: (line) => print(machine.ref, line),
  }
}

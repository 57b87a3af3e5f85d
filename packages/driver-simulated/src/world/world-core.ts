import { VirtkitError, notFound, type OwnedMachine } from '@virtkit/spi'
import { ChangeFeed } from './change-feed.ts'
import type { MachineDraft } from './machine-spec.ts'
import type { MediaStore } from './media-store.ts'
import { hostToStart } from './placement.ts'
import { seededId } from './seeded-random.ts'
import type { Content, MachineState, WorldState } from './world-state.ts'

/** Runs what is inside running machines. */
export interface GuestHouse {
  /** `alreadyUp`: its system runs on from kept memory and does not boot. */
  start(machine: MachineState, options?: { readonly alreadyUp: boolean }): void
  stop(ref: string): void
}

/** Keeps the state beyond the life of the process. */
export interface Keeper {
  /** There is something to keep. */
  touch(): void
  /** Resolves when everything touched so far is safe. */
  saved(): Promise<void>
}

/**
 * The state with the few moves that keep it whole. Every move is synchronous: nobody sees half of one, and two callers
 * never mix.
 */
export class WorldCore {
  readonly state: WorldState
  readonly changes: ChangeFeed
  readonly media: MediaStore
  readonly keeper: Keeper
  readonly guests: GuestHouse

  constructor(parts: { state: WorldState; media: MediaStore; keeper: Keeper; guests: (core: WorldCore) => GuestHouse }) {
    this.state = parts.state
    this.changes = new ChangeFeed(parts.state)
    this.media = parts.media
    this.keeper = parts.keeper
    this.guests = parts.guests(this)
  }

  nextId(prefix: string): string {
    this.state.counter += 1
    return seededId(prefix, this.state.seed, this.state.counter)
  }

  get(ref: string): MachineState {
    const machine = this.state.machines.get(ref)
    if (!machine) throw notFound('machine', ref)
    return machine
  }

  /** The machine, if it carries this mark. */
  getOwned(owned: OwnedMachine): MachineState {
    const machine = this.get(owned.ref)
    if (machine.key === undefined || machine.key !== owned.key) throw notOurs(owned.ref)
    return machine
  }

  findByKey(key: string): MachineState | undefined {
    for (const machine of this.state.machines.values()) if (machine.key === key) return machine
    return undefined
  }

  add(draft: MachineDraft, key: string | undefined): MachineState {
    const ref = this.nextId('vm')
    const machine: MachineState = {
      ...structuredClone(draft),
      ref,
      sequence: this.state.counter,
      ...(key === undefined ? {} : { key }),
    }
    this.state.machines.set(ref, machine)
    this.tell('appeared', ref)
    return machine
  }

  destroy(machine: MachineState): void {
    this.powerOff(machine)
    this.state.machines.delete(machine.ref)
    this.tell('vanished', machine.ref)
  }

  /** Throws `CONFLICT` for a template, `HOST_RESOURCES`. */
  powerOn(machine: MachineState): void {
    if (machine.power === 'on') return
    if (machine.isTemplate) throw conflict(`${machine.name} is a template; clone it to run it.`, 'power')
    machine.host = hostToStart(this.state, machine)
    Object.assign(machine, { power: 'on', memory: {}, addresses: [] })
    this.tell('changed', machine.ref)
    this.guests.start(machine)
  }

  powerOff(machine: MachineState): void {
    this.guests.stop(machine.ref)
    if (machine.power === 'off') return
    Object.assign(machine, { power: 'off', memory: {}, addresses: [] })
    this.tell('changed', machine.ref)
  }

  /** To be called after every change that `MachineInfo` shows. */
  tell(kind: 'appeared' | 'changed' | 'vanished', ref: string): void {
    this.keeper.touch()
    this.changes.tell(kind, ref)
  }

  writeFiles(machine: MachineState, files: Content): void {
    Object.assign(machine.files, files)
    this.keeper.touch()
  }

  writeMemory(machine: MachineState, key: string, value: string): void {
    if (machine.power !== 'on') return
    machine.memory[key] = value
    this.keeper.touch()
  }

  setAddresses(machine: MachineState, addresses: readonly string[]): void {
    if (machine.power !== 'on') return
    machine.addresses = [...addresses]
    this.keeper.touch()
  }
}

/** A system is installed: such a guest hears when it is asked to shut down or to settle its files. */
export function hasSystem(machine: { readonly files: Content }): boolean {
  return Boolean(machine.files['/etc/os-release'])
}

export function notOurs(ref: string): VirtkitError<'NOT_OURS'> {
  return new VirtkitError('NOT_OURS', `The machine ${ref} does not carry our mark.`, {
    details: { ref },
    hint: 'Import it first, or look for the machine that is meant with findByKey.',
  })
}

export function conflict(message: string, field: string): VirtkitError<'CONFLICT'> {
  return new VirtkitError('CONFLICT', message, { details: { field } })
}

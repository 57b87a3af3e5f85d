import assert from 'node:assert/strict'
import type { Call, KeyedCall, OwnedMachine } from '../driver/call.ts'
import type { Hypervisor } from '../driver/hypervisor.ts'
import type { Placement } from '../driver/inventory-operations.ts'
import type { MachineInfo, MachineSpec, NicSpec } from '../driver/machine-operations.ts'
import type { MediumInfo, MediumUpload } from '../driver/media-operations.ts'
import { Cleanup } from './cleanup.ts'
import { connect } from './connect.ts'
import type { DriverTarget } from './driver-target.ts'
import { UniqueNames } from './unique-names.ts'
import { Witness } from './witness.ts'

/** A machine that a case made, with what was asked for. */
export interface LabMachine extends OwnedMachine {
  readonly spec: MachineSpec
  /** What `create` answered. */
  readonly made: MachineInfo
}

export interface LabPlace {
  readonly placement: Placement
  readonly datastore: string
  readonly networks: readonly [string, ...string[]]
}

/** Thrown by a case that finds out half-way that this hypervisor has nothing to check it on. */
export class CaseSkipped extends Error {}

/** What a case works with: an open session of its own, and machines that are taken away when it is over. */
export class Lab extends Witness {
  readonly hypervisor: Hypervisor
  readonly target: DriverTarget
  readonly signal: AbortSignal
  readonly names: UniqueNames
  readonly #cleanup = new Cleanup()
  /** Removed last: until then a machine may have one in its drive. */
  readonly #media = new Cleanup()
  #place: Promise<LabPlace> | undefined

  constructor(hypervisor: Hypervisor, target: DriverTarget, signal: AbortSignal) {
    super()
    this.hypervisor = hypervisor
    this.target = target
    this.signal = signal
    this.names = new UniqueNames(target.driver.macRange)
  }

  call(more: Partial<Call> = {}): Call {
    return { signal: this.signal, ...more }
  }

  /** A call with a key; whatever machine carries that key in the end is destroyed. */
  keyed(key: string = this.names.key(), more: Partial<Call> = {}): KeyedCall {
    this.defer(() => this.#destroyAll(key))
    return { ...this.call(more), key }
  }

  defer(step: () => Promise<void>): void {
    this.#cleanup.add(step)
  }

  /** Another session of its own, validated and opened as a host does. */
  async connect(): Promise<Hypervisor> {
    const hypervisor = await connect(this.target, this.target.options, this.call())
    this.defer(async () => hypervisor[Symbol.asyncDispose]())
    return hypervisor
  }

  place(): Promise<LabPlace> {
    this.#place ??= this.#findPlace()
    return this.#place
  }

  async nics(count: number): Promise<readonly NicSpec[]> {
    const { networks } = await this.place()
    return Array.from({ length: count }, (_, i) => ({
      network: networks[i % networks.length] ?? networks[0],
      mac: this.names.mac(),
    }))
  }

  /** A small machine that any hypervisor can make. */
  async spec(overrides: Partial<MachineSpec> = {}): Promise<MachineSpec> {
    const { placement, datastore } = await this.place()
    return {
      name: this.names.name('vm'),
      cpus: 1,
      memoryMiB: 256,
      firmware: 'bios',
      disks: [{ sizeMiB: 1024, provisioning: 'thin' }],
      nics: await this.nics(1),
      placement: { ...placement, datastore },
      ...overrides,
    }
  }

  async create(overrides: Partial<MachineSpec> = {}): Promise<LabMachine> {
    const spec = await this.spec(overrides)
    const call = this.keyed()
    const made = await this.hypervisor.machines.create(spec, call)
    return { ref: made.ref, key: call.key, spec, made }
  }

  async createRunning(overrides: Partial<MachineSpec> = {}): Promise<LabMachine> {
    const machine = await this.create(overrides)
    await this.hypervisor.power.on(machine, this.call())
    return machine
  }

  async template(overrides: Partial<MachineSpec> = {}): Promise<LabMachine> {
    const machine = await this.create(overrides)
    await this.hypervisor.templates?.register(machine, this.call())
    return machine
  }

  /** A machine that carries no mark any more: as one that somebody else made. */
  async createUnmarked(): Promise<LabMachine> {
    const machine = await this.create()
    await this.hypervisor.machines.unmark(machine, this.call())
    this.defer(() => this.#markAgain(machine))
    return machine
  }

  /** The machine as the hypervisor tells of it now. */
  async look(machine: { readonly ref: string }, hypervisor: Hypervisor = this.hypervisor): Promise<MachineInfo> {
    const found = await hypervisor.machines.find(machine.ref, this.call())
    assert.ok(found, `machines.find does not find ${machine.ref}`)
    return found
  }

  /** All machines that the inventory lists. */
  async machines(pageSize = 100): Promise<readonly MachineInfo[]> {
    const all: MachineInfo[] = []
    for await (const page of this.hypervisor.inventory.machines({ pageSize }, this.call())) all.push(...page)
    return all
  }

  /** A small image that is removed when the case is over. */
  image(overrides: Partial<MediumUpload> = {}): MediumUpload {
    const bytes = new TextEncoder().encode(`image ${this.names.name('bytes')}`)
    return {
      name: `${this.names.name('iso')}.iso`,
      sizeBytes: bytes.length,
      content: async function* () {
        yield bytes
      },
      ...overrides,
    }
  }

  async upload(image: MediumUpload = this.image(), call: Call = this.call()): Promise<MediumInfo> {
    const { media } = this.hypervisor
    assert.ok(media)
    this.#media.add(async () => {
      const fresh = { signal: AbortSignal.timeout(10_000) }
      const left = await media.find({ name: image.name }, fresh)
      if (left) await media.remove(left.ref, fresh)
    })
    return media.upload(image, call)
  }

  /** Checks that the call changes nothing that `find` tells of. */
  async unchanged(machine: { readonly ref: string }, work: () => Promise<unknown>): Promise<void> {
    const before = await this.look(machine)
    await work()
    assert.deepEqual(await this.look(machine), before, 'the machine has changed')
  }

  /** To be thrown when there is nothing on this hypervisor to check the case on. */
  skipped(reason: string): Error {
    return new CaseSkipped(reason)
  }

  /** Takes away what the case made; answers what could not be. */
  async close(): Promise<readonly unknown[]> {
    return [...(await this.#cleanup.run()), ...(await this.#media.run())]
  }

  async #destroyAll(key: string): Promise<void> {
    // Its own signal: the case's may have run out. More than one machine only when the driver broke its promise.
    const call = { signal: AbortSignal.timeout(10_000) }
    for (let round = 0; round < 20; round += 1) {
      const left = await this.hypervisor.machines.findByKey(key, call)
      if (!left) return
      await this.hypervisor.machines.destroy({ ref: left.ref, key }, call)
    }
  }

  async #markAgain(machine: OwnedMachine): Promise<void> {
    const call = { signal: AbortSignal.timeout(10_000), key: machine.key }
    const left = await this.hypervisor.machines.find(machine.ref, call)
    if (left && left.key === undefined) await this.hypervisor.machines.mark(machine.ref, call)
  }

  async #findPlace(): Promise<LabPlace> {
    const { inventory } = this.hypervisor
    const given = this.target.place ?? {}
    const placement = given.placement ?? (await inventory.defaults(this.call()))
    const names = given.networks ?? (await inventory.networks(this.call())).map((network) => network.name)
    const [first, ...others] = names
    assert.ok(first, 'inventory.networks lists no network to put a machine on')
    const fitting = (await inventory.datastores(this.call())).filter((d) => d.writable && d.holds.includes('disks'))
    const datastore = placement.datastore ?? fitting.toSorted((a, b) => b.freeMiB - a.freeMiB)[0]?.name
    assert.ok(datastore, 'inventory.datastores lists none that is writable and holds disks')
    return { placement, datastore, networks: [first, ...others] }
  }
}

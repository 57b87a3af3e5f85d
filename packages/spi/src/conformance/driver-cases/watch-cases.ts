import assert from 'node:assert/strict'
import type { MachineEvent, WatchOperations } from '../../driver/watch-operations.ts'
import type { DriverCase } from '../driver-case.ts'
import type { Lab, LabMachine } from '../lab.ts'

export const watchCases: readonly DriverCase[] = [
  {
    id: 'watch.life',
    name: 'a machine appears, changes and vanishes, in this order',
    needs: ['watch'],
    promise: 'watch.changes: every change is delivered at least once, in order per machine',
    async run(lab) {
      const watch = await Watch.begin(lab)
      const machine = await lab.create()
      await watch.until(machine, 'appeared')
      await lab.hypervisor.power.on(machine, lab.call())
      await watch.until(machine, 'changed')
      await lab.hypervisor.machines.destroy(machine, lab.call())
      await watch.until(machine, 'vanished')
      const kinds = watch.kindsOf(machine)
      assert.equal(kinds[0], 'appeared')
      assert.equal(kinds.at(-1), 'vanished')
      await watch.end()
    },
  },
  {
    id: 'watch.reconfigured',
    name: 'a change of hardware and one of name are told of',
    needs: ['watch'],
    promise: 'watch.changes: every change is delivered at least once',
    async run(lab) {
      const machine = await lab.create()
      const watch = await Watch.begin(lab)
      await lab.hypervisor.machines.reconfigure(machine, { cpus: 2 }, lab.call())
      await watch.until(machine, 'changed')
      const before = watch.kindsOf(machine).length
      await lab.hypervisor.machines.reconfigure(machine, { name: lab.names.name('renamed') }, lab.call())
      await watch.until(machine, 'changed', before)
      await watch.end()
    },
  },
  {
    id: 'watch.other-session',
    name: 'what another session does is told of, to every watcher',
    needs: ['watch'],
    promise: 'watch.changes: every change is delivered at least once; Hypervisor: sessions do not disturb each other',
    async run(lab) {
      const watches = [await Watch.begin(lab), await Watch.begin(lab)]
      const other = await lab.connect()
      const call = lab.keyed()
      const made = await other.machines.create(await lab.spec(), call)
      for (const watch of watches) await watch.until(made, 'appeared')
      await watches[0]?.end()
      await other.machines.destroy({ ref: made.ref, key: call.key }, lab.call())
      await watches[1]?.until(made, 'vanished')
      await watches[1]?.end()
    },
  },
  {
    id: 'watch.resume',
    name: 'a cursor resumes after its change, and what happened meanwhile is not missed',
    needs: ['watch'],
    promise: 'watch.changes: the cursor of a delivered change resumes after it',
    async run(lab) {
      const watch = await Watch.begin(lab)
      const machine = await lab.create()
      const { cursor } = await watch.until(machine, 'appeared')
      await watch.end()
      await lab.hypervisor.power.on(machine, lab.call())
      const late = await lab.create()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      const resumed = new Watch(lab, cursor)
      await resumed.until(machine, 'changed')
      await resumed.until(machine, 'vanished')
      await resumed.until(late, 'appeared')
      assert.ok(!resumed.kindsOf(machine).includes('appeared'), 'the change that the cursor stands for is told again')
      await resumed.end()
    },
  },
  {
    id: 'watch.resume-other-session',
    name: 'a cursor is good in another session',
    needs: ['watch'],
    promise: 'watch.changes: the cursor of a delivered change resumes after it',
    async run(lab) {
      const watch = await Watch.begin(lab)
      const machine = await lab.create()
      const { cursor } = await watch.until(machine, 'appeared')
      await watch.end()
      await lab.hypervisor.power.on(machine, lab.call())
      const other = await lab.connect()
      const resumed = new Watch(lab, cursor, other.watch)
      await resumed.until(machine, 'changed')
      await resumed.end()
    },
  },
  {
    id: 'watch.bad-cursor',
    name: 'a cursor that means nothing is refused, so that the caller reads the whole inventory',
    needs: ['watch'],
    promise: 'watch.changes: a cursor that is too old throws CONFLICT',
    async run(lab) {
      const changes = watchOf(lab).changes({ since: 'virtkit-check-never-delivered' }, lab.call())
      const next = changes[Symbol.asyncIterator]().next()
      const ended = await lab.prompt('a watch with a bad cursor', next)
      assert.equal(ended.status, 'rejected', 'a bad cursor is accepted')
      if (ended.status === 'rejected') await lab.rejects(['CONFLICT', 'INVALID_INPUT'], Promise.reject(ended.reason))
    },
  },
  {
    id: 'watch.aborted',
    name: 'a watch ends when its call is aborted, though nothing happens',
    needs: ['watch'],
    promise: 'watch.changes: ends when the signal aborts',
    async run(lab) {
      const abort = new AbortController()
      const call = lab.call({ signal: abort.signal })
      const next = watchOf(lab).changes({}, call)[Symbol.asyncIterator]().next()
      next.catch(() => {})
      abort.abort()
      const ended = await lab.prompt('an aborted watch', next)
      if (ended.status === 'rejected') await lab.rejects('CANCELLED', Promise.reject(ended.reason))
      else assert.equal(ended.value.done, true)
    },
  },
  {
    id: 'watch.left',
    name: 'leaving the loop leaves nothing open and the session usable',
    needs: ['watch'],
    promise: 'watch.changes: ends when the loop is left',
    async run(lab) {
      const machine = await lab.create()
      const watch = await Watch.begin(lab)
      await watch.end()
      const count = async (): Promise<number> => (await lab.target.openHandles?.()) ?? 0
      const before = await count()
      for (let round = 0; round < 10; round += 1) await (await Watch.begin(lab)).end()
      const more = (await count()) - before
      // A pool may keep a connection or two that it did not have before; what each watch leaves is ten.
      assert.ok(more <= 2, `ten watches that were left leave ${more} more things open`)
      await lab.look(machine)
    },
  },
]

function watchOf(lab: Lab): WatchOperations {
  return lab.hypervisor.watch ?? assert.fail('the watch facet is gone')
}

/** One loop over changes, read as far as a case needs. */
class Watch {
  readonly #lab: Lab
  readonly #events: AsyncIterator<MachineEvent>
  readonly #seen: MachineEvent[] = []
  readonly #abort = new AbortController()
  #next: Promise<IteratorResult<MachineEvent>> | undefined

  constructor(lab: Lab, since?: string, watch: WatchOperations | undefined = watchOf(lab)) {
    assert.ok(watch)
    this.#lab = lab
    const signal = AbortSignal.any([lab.signal, this.#abort.signal])
    this.#events = watch.changes(since === undefined ? {} : { since }, { signal })[Symbol.asyncIterator]()
  }

  /** Resolves when the watch is known to be listening: "now" is over by then. */
  static async begin(lab: Lab): Promise<Watch> {
    const watch = new Watch(lab)
    const canary: LabMachine = await lab.create()
    for (let round = 1; ; round += 1) {
      watch.#next ??= watch.#events.next()
      await lab.hypervisor.machines.reconfigure(canary, { cpus: (round % 2) + 1 }, lab.call())
      const heard = await Promise.race([watch.#next.then(() => true), pause(50 * round)])
      if (heard) return watch
      assert.ok(round < 30, 'a change of a machine is not told of')
    }
  }

  /** Reads on until such a change comes; `after` so many changes of that machine. */
  async until(machine: { readonly ref: string }, kind: MachineEvent['kind'], after = 0): Promise<MachineEvent> {
    for (;;) {
      const found = this.#seen.filter((event) => event.ref === machine.ref).slice(after)
      const event = found.find((each) => each.kind === kind)
      if (event) return event
      this.#next ??= this.#events.next()
      const ended = await this.#lab.prompt(`telling that a machine has ${kind}`, this.#next, 10_000)
      this.#next = undefined
      if (ended.status === 'rejected') throw ended.reason
      if (ended.value.done) assert.fail(`the watch ended before the machine ${kind}`)
      assert.ok(ended.value.value.cursor.length > 0, 'a change has no cursor')
      this.#seen.push(ended.value.value)
    }
  }

  kindsOf(machine: { readonly ref: string }): readonly MachineEvent['kind'][] {
    return this.#seen.filter((event) => event.ref === machine.ref).map((event) => event.kind)
  }

  async end(): Promise<void> {
    const waiting = this.#next
    // Nothing is being read: leaving the loop must be enough. Otherwise the abort has to end the reading.
    if (waiting) this.#abort.abort()
    waiting?.catch(() => {})
    await this.#lab.prompt('leaving a watch', Promise.resolve(this.#events.return?.()))
  }
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms))
}

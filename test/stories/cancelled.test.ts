import { AsyncLocalStorage } from 'node:async_hooks'
import type { Machine, Operation } from '@virtkit/core'
import { createVirtualClock } from '@virtkit/driver-simulated'
import type { MachineInfo } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { describe, expect, it } from 'vitest'
import { type Lab, openLab } from './lab.ts'

/** Where in an operation somebody asks to cancel it. */
type Point =
  | { readonly after: 'transaction'; readonly nth: number }
  // In the middle of a call to the hypervisor: nothing has happened yet, or everything, and the answer is on its way.
  | { readonly during: 'call'; readonly nth: number; readonly done: boolean }

interface Story {
  readonly kind: string
  /** Makes what the operation works on; answers the machine. */
  prepare(lab: Lab, nth: number): Promise<number>
  /** Rejects when the operation does not succeed, or never: both are fine. */
  start(lab: Lab, machine: number): Promise<unknown>
  /** What must be true of the machine afterwards, besides that paper and hypervisor agree. */
  check(lab: Lab, machine: Machine | undefined, ended: Operation): Promise<void> | void
  /** How many points there are at least. */
  readonly points: number
}

// Time flies here; nobody dies, so looking seldom is enough.
const quiet = { pollMs: 5000, leaseMs: 40_000 }
const small = { cpus: 2, memoryMiB: 2048, diskMiB: 20_480 }

/** A machine on paper and in the world, without an installation. */
async function deployed(lab: Lab, nth: number, power: 'on' | 'off' = 'off', size = small): Promise<number> {
  const key = await lab.machine(`web-${nth}`)
  const { queries } = lab.kit.database
  const { mark } = await queries.selectFrom('machines').select('mark').where('key', '=', key).executeTakeFirstOrThrow()
  const disks = [{ sizeMiB: size.diskMiB, provisioning: 'thin' as const }]
  const { ref } = lab.simulator.world.addMachine({ name: `web-${nth}`, key: mark, power, ...size, disks })
  await queries.updateTable('machines').set({ ref, state: 'deployed' }).where('key', '=', key).execute()
  return key
}

async function inWorld(lab: Lab, key: number): Promise<MachineInfo | undefined> {
  const { queries } = lab.kit.database
  const { ref } = await queries.selectFrom('machines').select('ref').where('key', '=', key).executeTakeFirstOrThrow()
  return lab.simulator.world.machines().find((each) => each.ref === ref)
}

const names = async (lab: Lab, machine: number): Promise<string[]> =>
  (await lab.kit.snapshots.list(machine)).map((snapshot) => snapshot.name)

const stories: readonly Story[] = [
  {
    kind: 'install-machine',
    points: 30,
    prepare: (lab, nth) => lab.machine(`web-${nth}`),
    start: (lab, machine) => lab.kit.installs.start(machine),
    check: async (lab, machine, { state }) => {
      expect(machine?.state).toBe(state === 'succeeded' ? 'deployed' : 'failed')
      const [install] = await lab.kit.installs.ofMachine(machine!.key)
      expect(install?.phase).toBe(state === 'succeeded' ? 'ready' : 'failed')
      expect((await inWorld(lab, machine!.key)) !== undefined).toBe(state === 'succeeded')
    },
  },
  {
    kind: 'delete-machine',
    points: 5,
    prepare: (lab, nth) => deployed(lab, nth, 'on'),
    start: (lab, machine) => lab.kit.machines.remove(machine),
    check: async (lab, machine, { state }) => {
      if (state === 'succeeded') return expect(machine).toBeUndefined()
      expect(machine!.state).toBe((await inWorld(lab, machine!.key)) ? 'deployed' : 'failed')
    },
  },
  {
    kind: 'resize-machine',
    points: 4,
    prepare: (lab, nth) => deployed(lab, nth),
    start: (lab, machine) => lab.kit.machines.update(machine, { cpus: 1, memoryMiB: 3072, diskMiB: 25_600 }),
    check: (_, machine, { state }) => {
      const { cpus, memoryMiB, state: now } = machine!
      expect({ cpus, memoryMiB, now }).toEqual(
        state === 'succeeded'
          ? { cpus: 1, memoryMiB: 3072, now: 'deployed' }
          : { cpus: 2, memoryMiB: 2048, now: 'deployed' },
      )
    },
  },
  {
    kind: 'power-machine',
    points: 4,
    prepare: (lab, nth) => deployed(lab, nth),
    start: (lab, machine) => lab.kit.machines.power(machine, 'on'),
    check: async (lab, machine, { state }) => {
      expect(machine!.state).toBe('deployed')
      if (state === 'succeeded') expect((await inWorld(lab, machine!.key))?.power).toBe('on')
    },
  },
  {
    kind: 'create-snapshot',
    points: 6,
    prepare: async (lab, nth) => {
      const machine = await deployed(lab, nth)
      await lab.kit.snapshots.create(machine, { name: 'before' })
      return machine
    },
    start: (lab, machine) => lab.kit.snapshots.create(machine, { name: 'wanted' }),
    check: async (lab, machine, { state }) => {
      expect(await names(lab, machine!.key)).toEqual(state === 'succeeded' ? ['before', 'wanted'] : ['before'])
    },
  },
  {
    kind: 'revert-snapshot',
    points: 5,
    prepare: async (lab, nth) => {
      const machine = await deployed(lab, nth)
      await lab.kit.snapshots.create(machine, { name: 'small' })
      await lab.kit.machines.update(machine, { cpus: 4 })
      return machine
    },
    start: async (lab, machine) => lab.kit.snapshots.revert(machine, (await lab.kit.snapshots.list(machine))[0]!.key),
    check: (_, machine, { state }) => {
      expect(state).toBe('succeeded')
      expect(machine).toMatchObject(small)
    },
  },
  {
    kind: 'remove-snapshot',
    points: 5,
    prepare: async (lab, nth) => {
      const machine = await deployed(lab, nth)
      for (const name of ['kept', 'removed']) await lab.kit.snapshots.create(machine, { name })
      return machine
    },
    start: async (lab, machine) => lab.kit.snapshots.remove(machine, (await lab.kit.snapshots.list(machine))[1]!.key),
    check: async (lab, machine, { state }) => {
      expect(await names(lab, machine!.key)).toEqual(state === 'succeeded' ? ['kept'] : ['kept', 'removed'])
    },
  },
]

/** Tells what the host's own call writes from what is done in the background. */
const hostsCall = new AsyncLocalStorage<true>()

/**
 * Runs a story and cancels it at a point. Until the operation is known here, nothing but the host's call goes through, so that the
 * points are the same each time. Answers `undefined` when the operation ended before the point came.
 */
async function cancelAt(lab: Lab, story: Story, machine: number, point: Point): Promise<Operation | undefined> {
  const { kit, simulator } = lab
  const { database } = kit
  const real = database.transaction.bind(database)
  let id: string | undefined
  let reached = false
  const cancel = async (): Promise<void> => {
    reached = true
    database.transaction = real
    await kit.operations.cancel(id!)
  }
  let known = (): void => {}
  const isKnown = new Promise<void>((resolve) => {
    known = resolve
  })
  let count = 0
  database.transaction = async (work) => {
    if (hostsCall.getStore()) return real(work)
    await isKnown
    const result = await real(work)
    const nth = count
    count += 1
    if ('after' in point && nth === point.nth && !reached) await cancel()
    return result
  }
  const faults = 'during' in point ? [{ method: '*', kind: 'slow' as const, ms: 30_000, times: 1, done: point.done }] : []
  try {
    let refusal: unknown
    const settled = hostsCall.run(true, () => story.start(lab, machine)).catch((error: unknown) => (refusal = error))
    while (id === undefined) {
      if (refusal) throw refusal
      const [operation] = await kit.operations.list({ subject: `machine/${machine}`, ended: false })
      id = operation?.id
    }
    for (const fault of faults) {
      const { fired } = simulator.faults.add({ ...fault, after: point.nth })
      void fired.then(() => (reached ? undefined : cancel()))
    }
    known()
    const ended = await kit.operations.wait(id)
    await settled
    return reached ? ended : undefined
  } finally {
    database.transaction = real
    simulator.faults.clear()
  }
}

/** Paper, hypervisor, address book and contingent say the same, and nothing is under way. */
async function agree(lab: Lab): Promise<void> {
  const { kit, simulator } = lab
  const paper = await kit.database.queries.selectFrom('machines').selectAll().where('ref', 'is not', null).execute()
  const world = simulator.world.summary()
  const facts = (each: { ref: string | null; name: string; cpus: number; memoryMiB: number }, diskMiB: number) =>
    `${each.ref} ${each.name} ${each.cpus} ${each.memoryMiB} ${diskMiB}`
  expect(world.machines.map((each) => facts(each, each.disks[0]!.sizeMiB)).toSorted()).toEqual(
    paper.map((each) => facts(each, each.diskMiB)).toSorted(),
  )
  expect(world.media).toEqual([])
  const machines = await kit.machines.list()
  const addresses = (await kit.networks.addresses(lab.network)).map((entry) => entry.address)
  expect(addresses.toSorted()).toEqual(machines.flatMap((each) => each.networks.map((card) => card.ip)).toSorted())
  expect(await kit.contingents.verify()).toEqual([])
  const contingent = await kit.contingents.ofGroup(lab.group)
  expect(contingent?.used.vm).toBe(machines.length)
  expect(contingent?.reserved).toEqual({ vm: 0, cpu: 0, memory: 0, disk: 0 })
  expect(await kit.operations.list({ ended: false })).toEqual([])
}

eachDatabase((db) => {
  describe.each(stories)('$kind', (story) => {
    it('cancelled at any point, it ends, and everything agrees', { timeout: 240_000 }, async () => {
      const clock = createVirtualClock()
      await using lab = await openLab(await db.options(), { clock, simulator: { clock }, operations: quiet })
      await lab.kit.contingents.set(lab.group, { vm: 2, cpu: 8, memory: 8192, disk: 81_920 })
      let points = 0
      const go = async (point: Point): Promise<boolean> => {
        const key = await story.prepare(lab, points)
        const ended = await cancelAt(lab, story, key, point)
        await agree(lab)
        const machine = await lab.kit.machines.get(key).catch(() => undefined)
        if (ended) {
          points += 1
          if (ended.state !== 'cancelled') expect({ point, state: ended.state }).toEqual({ point, state: 'succeeded' })
          await story.check(lab, machine, ended)
        }
        if (machine) await lab.kit.operations.wait((await lab.kit.machines.remove(key)).id)
        await agree(lab)
        expect(await lab.kit.machines.list()).toEqual([])
        return ended !== undefined
      }
      for (let nth = 0; await go({ after: 'transaction', nth }); nth += 1);
      for (const done of [false, true]) for (let nth = 0; await go({ during: 'call', nth, done }); nth += 1);
      clock.auto(false)
      expect(points).toBeGreaterThanOrEqual(story.points)
    })
  })
})

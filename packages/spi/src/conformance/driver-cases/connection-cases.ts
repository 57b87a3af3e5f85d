import assert from 'node:assert/strict'
import type { Hypervisor } from '../../driver/hypervisor.ts'
import { connect } from '../connect.ts'
import type { DriverCase } from '../driver-case.ts'

const mac = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/

export const connectionCases: readonly DriverCase[] = [
  {
    id: 'connection.open',
    name: 'a session opens and says what it is connected to',
    needs: [],
    promise: 'connect: checks that the hypervisor answers and that the credentials are good before it returns',
    async run({ hypervisor, target }) {
      assert.equal(target.driver.spec, 1)
      assert.match(target.driver.name, /^[a-z][a-z0-9.-]*$/, 'a driver is named in lower case without spaces')
      assert.ok(hypervisor.about.product.length > 0, 'about.product is empty')
      assert.ok(hypervisor.about.version.length > 0, 'about.version is empty')
    },
  },
  {
    id: 'connection.mac-range',
    name: 'the range of MAC addresses, where there is one, can be handed out from',
    needs: [],
    promise: 'macRange: inclusive, lower case, colons',
    async run({ target }) {
      const range = target.driver.macRange
      if (!range) return
      assert.match(range.from, mac)
      assert.match(range.to, mac)
      assert.ok(range.from <= range.to, 'from comes after to')
      assert.equal(Number.parseInt(range.from.slice(0, 2), 16) & 1, 0, 'a network card needs an individual address')
    },
  },
  {
    id: 'connection.options-refused',
    name: 'options that are no object are refused with a message',
    needs: [],
    promise: 'options: validates and documents what a cluster row holds',
    async run({ target }) {
      for (const nonsense of [42, 'nonsense', null]) {
        const checked = await target.driver.options['~standard'].validate(nonsense)
        assert.ok(checked.issues && checked.issues.length > 0, `driver.options accepts ${JSON.stringify(nonsense)}`)
        assert.ok(checked.issues.every((issue) => issue.message.length > 0))
      }
    },
  },
  {
    id: 'connection.bad-credentials',
    name: 'wrong credentials are told from everything else that can go wrong',
    needs: ['hook badCredentials'],
    promise: 'connect: throws UNAUTHENTICATED',
    async run(lab) {
      await lab.rejects('UNAUTHENTICATED', connect(lab.target, lab.target.badCredentials, lab.call()))
    },
  },
  {
    id: 'connection.unreachable',
    name: 'a hypervisor that does not answer is unavailable',
    needs: ['hook unreachable'],
    promise: 'connect: throws HYPERVISOR_UNAVAILABLE',
    async run(lab) {
      await lab.rejects('HYPERVISOR_UNAVAILABLE', connect(lab.target, lab.target.unreachable, lab.call()))
    },
  },
  {
    id: 'connection.cancelled',
    name: 'connecting with a signal that has aborted ends with CANCELLED',
    needs: [],
    promise: 'connect: throws CANCELLED',
    async run(lab) {
      const call = lab.call({ signal: AbortSignal.abort() })
      await lab.rejects('CANCELLED', connect(lab.target, lab.target.options, call))
    },
  },
  {
    id: 'connection.same-cluster',
    name: 'what one session makes, another sees',
    needs: [],
    promise: 'Hypervisor: two sessions on one hypervisor do not disturb each other',
    async run(lab) {
      const machine = await lab.create()
      const other = await lab.connect()
      assert.deepEqual(await lab.look(machine, other), await lab.look(machine))
      await other.power.on(machine, lab.call())
      assert.equal((await lab.look(machine)).power, 'on')
    },
  },
  {
    id: 'connection.close-leaves-others',
    name: 'closing one session leaves another working',
    needs: [],
    promise: 'Hypervisor: two sessions on one hypervisor do not disturb each other',
    async run(lab) {
      const machine = await lab.create()
      const other = await lab.connect()
      await other.machines.find(machine.ref, lab.call())
      await other[Symbol.asyncDispose]()
      await lab.hypervisor.power.on(machine, lab.call())
      assert.equal(await lab.hypervisor.power.read(machine.ref, lab.call()), 'on')
    },
  },
  {
    id: 'connection.close-twice',
    name: 'closing a session twice is fine',
    needs: [],
    promise: 'Hypervisor: disposing may be done twice',
    async run(lab) {
      const other = await lab.connect()
      await other[Symbol.asyncDispose]()
      await other[Symbol.asyncDispose]()
    },
  },
  {
    id: 'connection.closed-fails',
    name: 'every facet of a closed session fails with a VirtkitError',
    needs: [],
    promise: 'Hypervisor: disposing ends what is under way and leaves no socket, file or timer open',
    async run(lab) {
      const machine = await lab.create()
      const other = await lab.connect()
      await other[Symbol.asyncDispose]()
      for (const use of usesOf(other, machine.ref)) await lab.fails(use({ signal: lab.signal }))
      assert.equal((await lab.look(machine)).power, 'off')
    },
  },
  {
    id: 'connection.close-ends-calls',
    name: 'closing a session ends the calls that are under way',
    needs: [],
    promise: 'Hypervisor: disposing ends what is under way with CANCELLED',
    async run(lab) {
      const machine = await lab.create()
      const other = await lab.connect()
      const hang = lab.target.hangNextCall?.('power.on')
      const underWay = other.power.on(machine, lab.call())
      underWay.catch(() => {})
      await hang?.hanging
      await lab.prompt('closing', Promise.resolve(other[Symbol.asyncDispose]()))
      const ended = await lab.prompt('a call on a closed session', underWay)
      if (hang) assert.equal(ended.status, 'rejected', 'nobody answered the call, and yet it succeeded')
      if (ended.status === 'rejected') await lab.rejects('CANCELLED', Promise.reject(ended.reason))
    },
  },
  {
    id: 'connection.handles-flat',
    name: 'a hundred calls keep the number of open handles flat, and closing brings it back',
    needs: ['hook openHandles'],
    promise: 'Hypervisor: disposing leaves no socket, file or timer open',
    async run(lab) {
      const count = async (): Promise<number> => (await lab.target.openHandles?.()) ?? 0
      const machine = await lab.create()
      const before = await count()
      const other = await lab.connect()
      await other.machines.find(machine.ref, lab.call())
      const opened = await count()
      for (let i = 0; i < 100; i += 1) await other.machines.find(machine.ref, lab.call())
      const after = await count()
      assert.ok(after <= opened, `${after} handles are open after 100 calls, ${opened} after the first`)
      await other[Symbol.asyncDispose]()
      assert.ok((await count()) <= before, 'closing the session left something open')
    },
  },
  {
    id: 'connection.concurrent',
    name: 'calls through one session may run side by side',
    needs: [],
    promise: 'Hypervisor: safe for concurrent calls',
    async run(lab) {
      const machines = await Promise.all([lab.create(), lab.create(), lab.create()])
      const reads = machines.flatMap((machine) => Array.from({ length: 4 }, () => lab.look(machine)))
      const names = (await Promise.all(reads)).map((info) => info.name)
      assert.deepEqual(
        names,
        machines.flatMap((machine) => Array.from({ length: 4 }, () => machine.spec.name)),
      )
    },
  },
]

function usesOf(hypervisor: Hypervisor, ref: string): ((call: { signal: AbortSignal }) => Promise<unknown>)[] {
  return [
    (call) => hypervisor.inventory.defaults(call),
    (call) => hypervisor.inventory.machines({ pageSize: 10 }, call)[Symbol.asyncIterator]().next(),
    (call) => hypervisor.machines.find(ref, call),
    (call) => hypervisor.machines.findByKey('virtkit.check:closed', call),
    (call) => hypervisor.power.read(ref, call),
  ]
}

import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { Progress } from '../../driver/call.ts'
import { connect } from '../connect.ts'
import type { DriverCase } from '../driver-case.ts'

export const errorCases: readonly DriverCase[] = [
  {
    id: 'errors.plain',
    name: 'an error has a message, details and an outcome, and can be stored',
    needs: [],
    promise:
      'VirtkitError: code is from a closed list and decides the type of details; outcome says whether it may have happened',
    async run(lab) {
      const machine = await lab.create()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      const error = await lab.rejects('NOT_FOUND', lab.hypervisor.power.on(machine, lab.call()))
      assert.ok(error.message.length > 0)
      assert.ok(['did-not-happen', 'unknown'].includes(error.outcome))
      assert.equal(typeof error.details, 'object')
      assert.equal(JSON.parse(JSON.stringify(error)).code, 'NOT_FOUND')
    },
  },
  {
    id: 'errors.secrets',
    name: 'no error holds the secret that the session was opened with',
    needs: ['hook secrets'],
    promise: 'VirtkitError: message, details and hint hold no secret',
    async run(lab) {
      const machine = await lab.create()
      await lab.fails(lab.hypervisor.machines.create(await lab.spec({ cpus: 0 }), lab.keyed()))
      await lab.fails(lab.hypervisor.power.on({ ref: machine.ref, key: lab.names.key() }, lab.call()))
      await lab.hypervisor.machines.destroy(machine, lab.call())
      await lab.fails(lab.hypervisor.power.on(machine, lab.call()))
      for (const options of [lab.target.badCredentials, lab.target.unreachable]) {
        if (options !== undefined) await lab.fails(connect(lab.target, options, lab.call()))
      }
      // Not even where a log would print it, causes included.
      const printed = lab.errors.map((error) => inspect(error, { depth: 8 })).join('\n')
      for (const secret of lab.target.secrets ?? []) assert.ok(!printed.includes(secret), 'an error holds a secret')
    },
  },
  {
    id: 'errors.session-lives-on',
    name: 'a call that was refused leaves the session working',
    needs: [],
    promise: 'Hypervisor: safe for concurrent calls',
    async run(lab) {
      const machine = await lab.create()
      const { machines, power } = lab.hypervisor
      const stranger = { ref: machine.ref, key: lab.names.key() }
      const [refused, ...fine] = await Promise.allSettled([
        power.on(stranger, lab.call()),
        machines.find(machine.ref, lab.call()),
        machines.findByKey(machine.key, lab.call()),
      ])
      assert.equal(refused.status, 'rejected')
      assert.deepEqual(
        fine.map((each) => each.status),
        ['fulfilled', 'fulfilled'],
      )
      await power.on(machine, lab.call())
    },
  },
  {
    id: 'errors.aborted-session-lives-on',
    name: 'a call that was aborted leaves the session and its other calls working',
    needs: [],
    promise: 'Hypervisor: safe for concurrent calls',
    async run(lab) {
      const machine = await lab.create()
      const abort = new AbortController()
      const dropped = lab.hypervisor.machines.find(machine.ref, lab.call({ signal: abort.signal }))
      const kept = lab.hypervisor.machines.find(machine.ref, lab.call())
      abort.abort()
      await Promise.allSettled([dropped])
      assert.equal((await kept)?.ref, machine.ref)
      await lab.look(machine)
    },
  },
  {
    id: 'progress.forward',
    name: 'progress is between 0 and 100 and never goes back',
    needs: [],
    promise: 'Progress.percent: 0 to 100; it never goes back within one call',
    async run(lab) {
      const told: Progress[] = []
      const onProgress = (progress: Progress): void => void told.push(progress)
      const call = lab.keyed(lab.names.key(), {
        onProgress,
        trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      })
      const made = await lab.hypervisor.machines.create(await lab.spec(), call)
      assertForward(told.splice(0))
      await lab.hypervisor.machines.destroy({ ref: made.ref, key: call.key }, lab.call({ onProgress }))
      assertForward(told.splice(0))
      if (!lab.hypervisor.media) return
      await lab.upload(lab.image(), lab.call({ onProgress }))
      assertForward(told.splice(0))
    },
  },
]

function assertForward(told: readonly Progress[]): void {
  let before = 0
  for (const { percent } of told) {
    assert.ok(percent >= before && percent <= 100, `progress goes from ${before} to ${percent}`)
    before = percent
  }
}

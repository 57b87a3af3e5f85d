import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'

export const privilegeCases: readonly DriverCase[] = [
  {
    id: 'privileges.shape',
    name: 'what the credentials lack is told in our words and in the vendor’s',
    needs: ['privileges'],
    promise: 'privileges.missing: what the credentials lack, in the vendor’s own words',
    async run(lab) {
      const missing = await lab.hypervisor.privileges?.missing(lab.call())
      for (const { operation, privilege, path } of missing ?? assert.fail('no list')) {
        assert.match(operation, /^[a-z]+\.[a-zA-Z]+$/, 'an operation is named like `machines.create`')
        assert.ok(privilege.length > 0, `${operation} lacks something without a name`)
        assert.equal(typeof path, 'string')
      }
    },
  },
  {
    id: 'privileges.true',
    name: 'credentials that can make, run and destroy a machine are not said to lack that',
    needs: ['privileges'],
    promise: 'privileges.missing: an empty list means that every facet can do its work',
    async run(lab) {
      const machine = await lab.createRunning()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      const missing = (await lab.hypervisor.privileges?.missing(lab.call())) ?? []
      const wrong = missing.filter(({ operation }) =>
        ['machines.create', 'power.on', 'machines.destroy'].includes(operation),
      )
      assert.deepEqual(wrong, [])
    },
  },
]

import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'

export const consoleCases: readonly DriverCase[] = [
  {
    id: 'console.lines',
    name: 'the tail of a console is at most 200 lines, before the machine ran and while it runs',
    needs: ['console'],
    promise: 'console.tail: at most 200, each without its line end; empty for a machine that has written nothing',
    async run(lab) {
      const { console, power } = lab.hypervisor
      const machine = await lab.create()
      assert.deepEqual(await console?.tail(machine.ref, lab.call()), [])
      await power.on(machine, lab.call())
      const lines = (await console?.tail(machine.ref, lab.call())) ?? assert.fail('no lines')
      assert.ok(lines.length <= 200, `${lines.length} lines`)
      for (const line of lines) assert.match(line, /^[^\r\n]*$/)
    },
  },
  {
    id: 'console.unknown',
    name: 'the console of a machine that is gone is NOT_FOUND',
    needs: ['console'],
    promise: 'console.tail: throws NOT_FOUND',
    async run(lab) {
      const machine = await lab.create()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      assert.ok(lab.hypervisor.console)
      await lab.rejects('NOT_FOUND', lab.hypervisor.console.tail(machine.ref, lab.call()))
    },
  },
]

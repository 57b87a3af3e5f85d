import assert from 'node:assert/strict'
import { cidrContains, parseCidr, tryParseIp } from '../../values/ip-address.ts'
import type { DriverCase } from '../driver-case.ts'

const notReachable = ['127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fe80::/10'].map((text) => parseCidr(text, 'range'))

export const guestCases: readonly DriverCase[] = [
  {
    id: 'guest.off',
    name: 'a machine that is off has no addresses, before it ran and after',
    needs: ['guest'],
    promise: 'guest.addresses: empty while the machine is off',
    async run(lab) {
      const { guest, power } = lab.hypervisor
      const machine = await lab.create()
      assert.deepEqual(await guest?.addresses(machine.ref, lab.call()), [])
      await power.on(machine, lab.call())
      await guest?.addresses(machine.ref, lab.call())
      await power.off(machine, lab.call())
      assert.deepEqual(await guest?.addresses(machine.ref, lab.call()), [])
    },
  },
  {
    id: 'guest.running',
    name: 'the addresses of a running guest are addresses, without loopback and link-local ones',
    needs: ['guest'],
    promise: 'guest.addresses: the addresses that the running guest has, without loopback and link-local ones',
    async run(lab) {
      const machine = await lab.createRunning()
      const addresses = await lab.hypervisor.guest?.addresses(machine.ref, lab.call())
      for (const text of addresses ?? assert.fail('no list')) {
        const ip = tryParseIp(text)
        assert.ok(ip, `${text} is not an address`)
        assert.ok(!notReachable.some((range) => cidrContains(range, ip)), `${text} cannot be reached from outside`)
      }
    },
  },
  {
    id: 'guest.unknown',
    name: 'addresses of a machine that is gone are NOT_FOUND',
    needs: ['guest'],
    promise: 'guest.addresses: throws NOT_FOUND',
    async run(lab) {
      const machine = await lab.create()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      assert.ok(lab.hypervisor.guest)
      await lab.rejects('NOT_FOUND', lab.hypervisor.guest.addresses(machine.ref, lab.call()))
    },
  },
]

import { type DomainEvent, isVirtkitError } from '@virtkit/core'
import { createVirtualClock, defaultPace } from '@virtkit/driver-simulated'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openLab } from './lab.ts'

eachDatabase((db) => {
  it('three machines are installed side by side, a fourth is refused, and everything is given back', async () => {
    await using lab = await openLab(await db.options())
    const { kit, simulator } = lab
    const events: DomainEvent[] = []
    kit.events.on('*', (event) => events.push(event))

    const keys = await Promise.all(['web-1', 'web-2', 'web-3'].map((name) => lab.machine(name)))
    const started = await Promise.all(
      keys.map((key) =>
        kit.installs.start(key, {
          sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGz0pQ3V9mT8e1r0m2w7Yk5Jb4dXcVn6sLq8HuRtEoAB me@example.com'],
        }),
      ),
    )
    const ready = await Promise.all(started.map((each) => kit.installs.whenReady(each.runId)))
    expect(ready.map((each) => [each.phase, each.percent])).toEqual([
      ['ready', 100],
      ['ready', 100],
      ['ready', 100],
    ])

    const machines = await kit.machines.list()
    expect(machines.map((machine) => machine.state)).toEqual(['deployed', 'deployed', 'deployed'])
    expect(machines.map((machine) => machine.networks[0]?.ip)).toEqual(['10.20.0.10', '10.20.0.11', '10.20.0.12'])
    for (const { key, name, networks } of machines) {
      // What the guest itself says: it reads its address from the disk that the installer wrote.
      expect(await kit.machines.info(key)).toEqual({ name, power: 'on', addresses: [networks[0]?.ip] })
    }
    expect(simulator.world.summary().machines).toHaveLength(3)
    expect(simulator.world.summary().media).toEqual([])

    const refusal: unknown = await lab.machine('web-4').catch((error: unknown) => error)
    expect(isVirtkitError(refusal, 'CONTINGENT_EXCEEDED') && refusal.details.blocking).toEqual([
      { dimension: 'vm', limit: 3, used: 3, reserved: 0, asked: 1 },
      { dimension: 'cpu', limit: 6, used: 6, reserved: 0, asked: 2 },
      { dimension: 'memory', limit: 6144, used: 6144, reserved: 0, asked: 2048 },
      { dimension: 'disk', limit: 61_440, used: 61_440, reserved: 0, asked: 20_480 },
    ])

    for (const key of keys) {
      const ended = await kit.operations.wait((await kit.machines.remove(key)).id)
      expect(ended.error).toBeUndefined()
    }
    expect(await kit.machines.list()).toEqual([])
    expect(simulator.world.summary().machines).toEqual([])
    expect(await kit.networks.addresses(lab.network)).toEqual([])
    expect((await kit.contingents.ofGroup(lab.group))?.used).toEqual({ vm: 0, cpu: 0, memory: 0, disk: 0 })
    expect(await kit.contingents.verify()).toEqual([])

    const told = events.filter((event) => event.subject === `machine/${keys[0]}`).map((event) => event.type)
    expect(told.slice(0, 3)).toEqual(['machine.created', 'operation.accepted', 'install.started'])
    expect(told).toContain('install.ready')
    expect(events.map((event) => event.position)).toEqual(events.map((event) => event.position).toSorted((a, b) => a - b))
    expect(JSON.stringify(events)).not.toMatch(/\$6\$|token/i)
  })

  it('an installation of nine minutes passes in a moment of virtual time', async () => {
    const clock = createVirtualClock()
    const simulator = { clock, pace: defaultPace }
    await using lab = await openLab(await db.options(), { clock, simulator, operations: { pollMs: 5000 } })
    const run = await lab.kit.installs.start(await lab.machine('web-1'))
    const { phase, createdAt, endedAt } = await lab.kit.installs.whenReady(run.runId)
    clock.auto(false)
    expect(phase).toBe('ready')
    expect(endedAt! - createdAt).toBeGreaterThan(8 * 60_000)
    expect(endedAt! - createdAt).toBeLessThan(11 * 60_000)
  })
})

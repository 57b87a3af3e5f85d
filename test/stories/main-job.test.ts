import { createHmac } from 'node:crypto'
import { type IncomingHttpHeaders, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
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

  it('the callbacks of a cluster are told of start, success and deletion, signed and in order', async () => {
    const received: { type: string; id: unknown; signed: boolean }[] = []
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { type } = JSON.parse(body) as { type: string }
        received.push({ type, id: request.headers['webhook-id'], signed: verify(request.headers, body, secret) })
        response.writeHead(204).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await using lab = await openLab(await db.options(), { simulator: { world: { seed: 3 } } })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const callback = await lab.kit.callbacks.add({ successUrl: url, errorUrl: url, startUrl: url, deleteUrl: url })
    const secret = callback.secret.reveal()
    await lab.kit.clusters.update(lab.cluster, { callbacks: [callback.key] })

    const key = await lab.machine('web-1')
    await lab.kit.installs.whenReady((await lab.kit.installs.start(key)).runId)
    await lab.kit.operations.wait((await lab.kit.machines.remove(key)).id)
    await expect
      .poll(() => received.map((each) => each.type), { timeout: 10_000 })
      .toEqual(['install.started', 'install.succeeded', 'machine.deleted'])
    expect(received.every((each) => each.signed)).toBe(true)
    expect(new Set(received.map((each) => each.id)).size).toBe(3)
    server.close()
  })

  it('an installation of nine minutes passes in a moment of virtual time', async () => {
    const clock = createVirtualClock()
    const simulator = { clock, pace: defaultPace }
    await using lab = await openLab(await db.options(), { clock, simulator, operations: { pollMs: 5000 } })
    const run = await lab.kit.installs.start(await lab.machine('web-1'))
    const { phase, createdAt, endedAt, phases } = await lab.kit.installs.whenReady(run.runId)
    clock.auto(false)
    expect(phase).toBe('ready')
    expect(endedAt! - createdAt).toBeGreaterThan(8 * 60_000)
    expect(endedAt! - createdAt).toBeLessThan(11 * 60_000)
    const durations = new Map(phases.map((each) => [each.phase, each.durationMs ?? 0]))
    expect(durations.get('installing')).toBeGreaterThan(5 * 60_000)
    const all = [...durations.values()].reduce((sum, each) => sum + each, 0)
    expect(all).toBe(phases.at(-1)!.startedAt - createdAt)
  })
})

/** By the specification of Standard Webhooks: HMAC-SHA256 over id, timestamp and body. */
function verify(headers: IncomingHttpHeaders, body: string, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}

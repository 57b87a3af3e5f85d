import { type CloudEvent, type DeadLetter, asUser, byToken, commandSender, takeCommands } from '@virtkit/queue'
import { CloudEvent as OfficialCloudEvent } from 'cloudevents'
import { describe, expect, it } from 'vitest'
import { type CommandLab, openCommandLab } from './command-lab.ts'
import { type EngineName, engineNames, openEngine } from '@virtkit/test-engines/clients'
import { collect } from './collect.ts'
import { lacks, serverOf } from './server-urls.ts'

async function openLab(name: EngineName): Promise<CommandLab> {
  const url = await serverOf(name)
  // pg-boss lives in the kit's own database, in a schema of its own.
  return openCommandLab(await openEngine(name, url), name === 'pg-boss' ? { postgres: url } : { sqlite: ':memory:' })
}

const passwordHash = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/'

describe.each(engineNames.map((name) => [name, lacks(name)] as const))('commands over %s', (name, missing) => {
  it.skipIf(missing !== undefined)(
    'are carried out once, however often they are told, and events tell of it in order',
    async () => {
      await using lab = await openLab(name)
      const { kit, engine } = lab
      const queue = `commands-${crypto.randomUUID()}`
      const results = await collect<CloudEvent>(engine, `${queue}-results`)
      const events = await collect<CloudEvent>(engine, lab.events)
      await using _ = await takeCommands(kit, {
        engine,
        from: queue,
        whoAsks: asUser(kit, 'automation'),
        results: results.queue,
      })
      const sender = commandSender(engine, { to: queue })

      await Promise.all(
        Array.from({ length: 10 }, () => sender.send('virtualMachines.create', lab.machine('web-1'), { id: 'make-web-1' })),
      )
      await results.until((told) => told.length >= 10)
      const machines = await kit.machines.list()
      expect(machines.map(({ name: called }) => called)).toEqual(['web-1'])
      const { key } = machines[0]!
      const answers = results.told.map(({ id, type, data }) => ({ id, type, status: data['status'], key: keyOf(data) }))
      expect(answers).toEqual(
        Array.from({ length: 10 }, () => ({ id: 'make-web-1', type: 'virtkit.command.accepted', status: 200, key })),
      )

      const install = { key, password: passwordHash }
      await Promise.all([1, 2].map(() => sender.send('virtualMachines.install', install, { id: 'install-web-1' })))
      await events.until((told) => told.some(({ type }) => type === 'virtkit.install.ready'))
      expect(await kit.operations.list({ subject: `machine/${key}` })).toHaveLength(1)

      const about = [...new Map(events.told.map((event) => [event.id, event])).values()]
      expect(about.map(({ sequence }) => sequence)).toEqual(about.map(({ sequence }) => sequence).toSorted())
      const ofMachine = about.filter(({ subject }) => subject === `machine/${key}`).map(({ type }) => type)
      expect(ofMachine.filter((type) => type === 'virtkit.machine.created')).toHaveLength(1)
      expect(ofMachine.indexOf('virtkit.install.started')).toBeGreaterThan(ofMachine.indexOf('virtkit.machine.created'))
      // The official SDK throws for what is no CloudEvent 1.0.
      for (const event of [...about, ...results.told]) {
        expect(new OfficialCloudEvent({ ...event }, true).validate()).toBe(true)
      }
      const all = await kit.events.list({ limit: 1000 })
      await events.until((told) => new Set(told.map(({ id }) => id)).size >= all.length)
      expect(about.map(({ id }) => id)).toEqual(all.slice(0, about.length).map(({ id }) => id))
    },
  )

  it.skipIf(missing !== undefined)(
    'that cannot be done go to the dead letters with the reason, and stop nobody',
    async () => {
      await using lab = await openLab(name)
      const { kit, engine } = lab
      const queue = `commands-${crypto.randomUUID()}`
      const dead = await collect<DeadLetter>(engine, `${queue}.dead`)
      const secret = 'a-token-that-nobody-issued'
      const own = byToken(kit)
      const automation = asUser(kit, 'automation')
      await using _ = await takeCommands(kit, {
        engine,
        from: queue,
        whoAsks: (command) => (command.token === undefined ? automation(command) : own(command)),
        concurrency: 2,
      })
      const send = (body: object) =>
        engine.send(queue, [{ id: crypto.randomUUID(), type: 'x', contentType: 'application/json', body }])
      const command = (id: string, operation: string, input: object, more: object = {}) =>
        send({ id, version: 1, operation, input, ...more })

      await send({ hello: 'world' })
      await command('take-all', 'users.create', { name: 'mallory', password: 'at-least-eight' })
      await command('no-such', 'virtualMachines.explode', { key: 1 })
      await command('nobody', 'virtualMachines.create', lab.machine('web-9'), { token: secret })
      await command('wrong', 'virtualMachines.create', { ...lab.machine('web-8'), cpu: 0, colour: 'red' })
      await command('too-big', 'virtualMachines.create', { ...lab.machine('web-7'), cpu: 101 })
      await command('good', 'virtualMachines.create', lab.machine('web-1'))
      await dead.until((told) => told.length >= 6)
      await expect.poll(async () => (await kit.machines.list()).map((each) => each.name)).toEqual(['web-1'])

      const byId = (id: string) => dead.told.find(({ message }) => (message as { id?: string }).id === id)
      expect(dead.told.find(({ reason }) => reason === 'not-a-command')?.message).toEqual({ hello: 'world' })
      expect(byId('take-all')).toMatchObject({ reason: 'not-taken', errors: ['operation: users.create is not taken here'] })
      expect(byId('no-such')).toMatchObject({ reason: 'not-taken' })
      expect(byId('nobody')).toMatchObject({ reason: 'unauthenticated' })
      expect(byId('wrong')).toMatchObject({ reason: 'refused', status: 400, attempts: 1 })
      expect(byId('wrong')?.errors.join()).toMatch(/cpu.*colour|colour.*cpu/)
      expect(byId('too-big')).toMatchObject({ reason: 'refused', status: 409, code: 'CONTINGENT_EXCEEDED' })
      expect(JSON.stringify(dead.told)).not.toContain(secret)
      expect((await kit.users.list()).map((user) => user.name)).not.toContain('mallory')
    },
  )
})

const keyOf = (data: CloudEvent['data']): unknown => (data['answer'] as { key?: unknown }).key

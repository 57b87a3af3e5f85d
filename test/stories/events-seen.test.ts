import type { DomainEvent, UserActor, Virtkit } from '@virtkit/core'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openLab } from './lab.ts'

type Role = 'operator' | 'user' | 'viewer'

async function join(kit: Virtkit, name: string, role: Role, ...groups: number[]): Promise<UserActor> {
  const user = await kit.users.add({ name, password: 'correct horse', permissionGroups: [role] })
  for (const group of groups) await kit.groups.update(group, { users: [user.key] })
  return kit.users.actor(user.key)
}

const told = (events: readonly DomainEvent[]): string[] => events.map(({ type, subject }) => `${type} ${subject}`)

eachDatabase((db) => {
  it('people are told of what is their groups’, also after it has gone, and of nothing else', async () => {
    await using lab = await openLab(await db.options())
    const { kit, cluster, group } = lab
    const other = await kit.groups.add({ name: 'team-b' })
    const [ours, theirs] = await Promise.all([join(kit, 'ann', 'user', group), join(kit, 'bob', 'user', other.key)])
    const key = await lab.machine('web')
    await kit.operations.wait((await kit.machines.remove(key)).id)
    const foreign = await kit.networks.add({ name: 'dmz', cluster, cidr: '10.30.0.0/24' })
    await kit.networks.remove(foreign.key)
    await kit.settings.update({ installTimeoutMs: 600_000 })
    await kit.clusters.synchronize(cluster)

    const everything = told(await kit.events.list({ limit: 1000 }))
    expect(everything).toEqual(
      expect.arrayContaining(['settings.updated settings', `network.removed network/${foreign.key}`]),
    )
    const seen = told(await kit.events.list({ limit: 1000 }, { actor: ours }))
    const ofMachine = `machine/${key}`
    expect(seen.filter((each) => each.endsWith(ofMachine))).toEqual([
      `machine.created ${ofMachine}`,
      `operation.accepted ${ofMachine}`,
      `operation.progressed ${ofMachine}`,
      `machine.deleted ${ofMachine}`,
      `operation.progressed ${ofMachine}`,
      `operation.succeeded ${ofMachine}`,
    ])
    const kinds = seen.filter((each) => !each.endsWith(ofMachine))
    expect(kinds).toEqual([
      `cluster.created cluster/${cluster}`,
      `network.created network/${lab.network}`,
      `group.created group/${group}`,
      'contingent.created contingent/1',
      `group.updated group/${group}`,
    ])
    const operator = await join(kit, 'olga', 'operator', group)
    const more = told(await kit.events.list({ limit: 1000 }, { actor: operator })).filter((each) => !seen.includes(each))
    expect(more).toEqual(expect.arrayContaining([`cluster.synchronized cluster/${cluster}`, 'settings.updated settings']))
    expect(more.some((each) => each.startsWith('user.') || each.startsWith('network.removed'))).toBe(false)
    const others = told(await kit.events.list({ limit: 1000 }, { actor: theirs }))
    expect(others).toEqual([`group.created group/${other.key}`, `group.updated group/${other.key}`])
    expect(await kit.events.list({}, { actor: { ...ours, permissions: new Set(), groups: 'all' } })).toEqual([])
  })

  it('a machine that changes hands takes none of its past along', async () => {
    await using lab = await openLab(await db.options())
    const { kit, group } = lab
    const other = await kit.groups.add({ name: 'team-b' })
    const ann = await join(kit, 'ann', 'user', group)
    const bob = await join(kit, 'bob', 'user', other.key)
    const key = await lab.machine('web')
    await kit.machines.update(key, { owner: other.key })
    await kit.machines.update(key, { cpus: 1 })
    const of = async (actor: UserActor): Promise<string[]> =>
      told(await kit.events.list({ subject: `machine/${key}` }, { actor })).map((each) => each.split(' ')[0]!)
    expect(await of(ann)).toEqual(['machine.created'])
    expect(await of(bob)).toEqual(['machine.updated', 'machine.updated'])
  })

  it('who follows is told of what another process does, and an operation’s followers until its end', async () => {
    await using lab = await openLab(await db.options())
    const { kit, group } = lab
    const ann = await join(kit, 'ann', 'user', group)
    const pages = await kit.events.follow({}, { actor: ann })
    const { position } = (await pages.next()).value!
    const key = await lab.machine('web')
    const seen: DomainEvent[] = []
    for await (const page of pages) {
      seen.push(...page.events)
      if (seen.length > 0) break
    }
    expect(told(seen)).toEqual([`machine.created machine/${key}`])

    const { id } = await kit.machines.remove(key)
    const types: string[] = []
    for await (const page of await kit.operations.follow(id, {}, { actor: ann }))
      types.push(...page.events.map((e) => e.type))
    expect(types).toEqual(['accepted', 'progressed', 'progressed', 'succeeded'].map((each) => `operation.${each}`))
    const again: DomainEvent[] = []
    for await (const page of await kit.operations.follow(id, { after: position })) again.push(...page.events)
    expect(again.map(({ type }) => type)).toEqual(types)
    for await (const page of await kit.operations.follow(id, { after: again.at(-1)!.position }))
      expect(page.events).toEqual([])
    const bob = await join(kit, 'bob', 'user')
    await expect(kit.operations.follow(id, {}, { actor: bob })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

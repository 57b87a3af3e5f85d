import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { openLabs } from '../../test/command-lab.ts'

const secret = 'canary horse battery'

// Many commands, each of which opens the installation for itself.
vi.setConfig({ testTimeout: 120_000 })

describe.each(openLabs)('people %s', (_, open) => {
  it('users are made with a password that is nowhere to be seen, changed, and deleted', async () => {
    await using lab = await open()
    await lab.ask('groups add team-z --quiet')
    const before = (await lab.ask('users list --quiet')).split('\n').length - 1
    writeFileSync(join(lab.folder, 'secret'), `${secret}\n`)
    const said = [
      await lab.run('users add anna --permissions operator --permissions viewer --password-file secret'),
      await lab.run('users add ben', { env: { VIRTKIT_USER_PASSWORD: secret } }),
      await lab.run('user add carl --password-stdin --quiet', { piped: secret }),
      await lab.run('users password carl --name charles', { typed: [secret] }),
    ]
    expect(said.map(({ printed }) => printed)).toEqual([
      `User anna has the key ${before + 1}.\n`,
      `User ben has the key ${before + 2} and may do nothing yet.\n`,
      `${before + 3}\n`,
      'User charles has a new password.\n',
    ])
    expect(said[3]?.complained).toBe('New password of charles: \n')
    expect(JSON.stringify(said)).not.toContain(secret)
    expect(await lab.ask('users list')).toMatch(
      /^key +name +permissions\n[^]* +\d+ +anna +operator, viewer\n +\d+ +ben +none\n/,
    )
    expect(await lab.ask('users permissions ben user')).toBe('User ben may do what user may.\n')
    expect(await lab.ask('users permissions ben')).toBe('User ben may do nothing.\n')
    expect(await lab.ask('users show anna')).toMatch(/^key +\d+\nname +anna\npermission groups +operator, viewer\n/)
    const asking = await lab.run('users show')
    // On a database nobody has logged in.
    if (lab.env['VIRTKIT_DATABASE']) expect(asking.complained).toContain('user: is missing')
    else expect(asking.printed).toMatch(/^key +1\nname +admin\n/)
    expect((await lab.run('users add dora --permissions king')).code).toBe(2)
    const short = await lab.run('users add dora', { env: { VIRTKIT_USER_PASSWORD: 'short' } })
    expect([short.code, short.complained]).toEqual([1, expect.stringMatching(/^INVALID_INPUT[^]*password/)])
    expect(await lab.ask('users rm ben charles --yes')).toBe('User ben is deleted.\nUser charles is deleted.\n')
    expect((await lab.run('users rm ben --yes')).code).toBe(4)
    expect(await lab.ask('permissions list', { columns: 80 })).toMatch(/permission +administrator +operator +user +viewer/)
    expect(await lab.ask('permissions list --quiet')).toBe('administrator\noperator\nuser\nviewer\n')
  })

  it('groups get users, networks and clusters, and lose them again', async () => {
    await using lab = await open()
    await lab.ask(`clusters add lab --type simulated --address ${lab.hypervisor} --quiet`)
    const [network] = (await lab.ask('clusters sync lab --networks --quiet')).split('\n')
    await lab.ask('users add anna --quiet', { env: { VIRTKIT_USER_PASSWORD: secret } })
    const made = `groups add team-a --user anna --network ${network} --cluster lab`
    expect(await lab.ask(made)).toBe('Group team-a has the key 1.\n')
    expect(await lab.ask('groups list', { env: { NO_COLOR: '1' }, columns: 80 })).toBe(
      'key  name    users  networks  clusters\n  1  team-a      1         1         1\n',
    )
    expect(await lab.ask('groups show team-a')).toMatch(
      /^key +1\nname +team-a\nusers +anna\nnetworks +\S+\nclusters +lab\n$/,
    )
    expect(await lab.ask('groups update team-a --name team-b --remove-user anna --remove-cluster lab')).toBe(
      'Group team-b is changed.\n',
    )
    expect(JSON.parse(await lab.ask('groups show 1 --json'))).toMatchObject({ users: [], clusters: [], networks: [1] })
    expect((await lab.run('groups update 1 --add-user nobody')).code).toBe(4)
    expect(await lab.ask('groups rm team-b', { typed: ['yes'] })).toBe('Group team-b is deleted.\n')
    expect(await lab.ask('groups list')).toMatch(/^No groups yet/)
  })
})

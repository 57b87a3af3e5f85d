import { describe, expect, it, vi } from 'vitest'
import { type CommandLab, openLabs } from '../../test/command-lab.ts'

async function setUp(lab: CommandLab): Promise<void> {
  await lab.ask(`clusters add lab --type simulated --address ${lab.hypervisor} --quiet`)
  await lab.ask('networks add lan --cluster lab --cidr 10.20.0.0/24 --gateway 10.20.0.1 --quiet')
  await lab.ask('groups add team-a --network lan --cluster lab --quiet')
}

// Many commands, each of which opens the installation for itself.
vi.setConfig({ testTimeout: 120_000 })

describe.each(openLabs)('what machines are made from %s', (_, open) => {
  it('profiles are made, shown, changed where something is named, and deleted', async () => {
    await using lab = await open()
    await setUp(lab)
    const sizes = '--cpus 2 --memory 4GB --disk 40GB'
    expect(await lab.ask(`profiles add web --cluster lab --os debian-12 ${sizes} --network lan`)).toBe(
      'Profile web has the key 1.\n',
    )
    expect(await lab.ask('profiles list', { columns: 80, env: { NO_COLOR: '1' } })).toMatch(
      /^key +name +cpus +memory +disk +system +cluster\n +1 +web +2 +4GB +40GB +Debian.* +lab\n$/,
    )
    expect(await lab.ask('profiles update web --memory 8GB --name big')).toBe('Profile big is changed.\n')
    expect(await lab.ask('profiles show big')).toMatch(
      /^key +1\nname +big\nsystem +Debian.*\ncpus +2\nmemory +8GB\ndisk +40GB\ndatastore +auto\ncluster +lab\nnetworks +lan\n$/,
    )
    const wrong = await lab.run(`profiles add x --cluster lab --os debian-12 --cpus 2 --memory much --disk 1GB`)
    expect([wrong.code, wrong.complained]).toEqual([1, expect.stringMatching(/^INVALID_INPUT[^]*--memory: is no size/)])
    expect((await lab.run(`profiles add x --cluster lab --os plan-9 ${sizes}`)).complained).toContain('plan-9')
    expect((await lab.run('profiles rm big')).complained).toContain('Say it with --yes.')
    expect(await lab.ask('profile rm 1 -y')).toBe('Profile big is deleted.\n')
    expect(await lab.ask('profiles list')).toMatch(/^No profiles yet/)
  })

  it('a machine becomes a template, and another is cloned from it', async () => {
    await using lab = await open()
    await setUp(lab)
    expect(await lab.ask('templates list')).toMatch(/^No templates/)
    const size = '--cpus 1 --memory 1GB --disk 10GB'
    await lab.ask(
      `machines create golden --owner team-a --cluster lab --os debian-12 ${size} --network lan --install --quiet`,
    )
    expect((await lab.run('templates register golden --yes')).code).toBe(1) // it runs
    await lab.ask('machines power off golden --yes --quiet')
    expect((await lab.run('templates register golden')).complained).toMatch(/^virtkit: Nobody is here to be asked/)
    expect(await lab.ask('templates register golden --yes')).toBe('Machine golden is a template.\n')
    expect(await lab.ask('templates list lab', { columns: 80, env: { NO_COLOR: '1' } })).toBe(
      'template  cluster  cpus  memory  disk  firmware\ngolden    lab         1     1GB  10GB  bios\n',
    )
    expect(await lab.ask('templates clone golden web-1 --cluster lab --owner team-a --network lan --quiet')).toMatch(
      /^\d+\n$/,
    )
    expect(await lab.ask('machines list')).toContain('web-1')
    expect((await lab.run('templates clone lead web-2 --cluster lab --owner team-a')).code).toBe(4)
  })
})

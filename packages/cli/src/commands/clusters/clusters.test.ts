import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { openLabs, openLocalLab } from '../../../test/command-lab.ts'

// Each opens kits and servers, which takes a loaded machine its time.
vi.setConfig({ testTimeout: 120_000 })

describe.each(openLabs)('clusters %s', (_, open) => {
  it('are added, listed, shown, checked, synchronized and removed', async () => {
    await using lab = await open()
    const add = `clusters add lab --type simulated --address ${lab.hypervisor}`
    expect(await lab.ask(add)).toBe('Cluster lab has the key 1.\n')
    expect(await lab.ask('clusters list')).toBe(`key  name  type       address\n  1  lab   simulated  ${lab.hypervisor}\n`)
    expect(await lab.ask('cluster list --quiet')).toBe('1\n')
    expect(JSON.parse(await lab.ask('clusters list --json'))).toMatchObject({ key: 1, name: 'lab', credentialskey: 1 })
    expect(await lab.ask('clusters check lab')).toMatch(
      /^product +\S[^]*\ncan +.*snapshots[^]*\nprivileges +none is missing\n$/,
    )
    const synced = await lab.ask('clusters sync 1')
    expect(synced).toMatch(
      /^key +network +status\n( +\d+ +\S+ +created\n)+Defaults of lab were read from the hypervisor\.\n$/,
    )
    expect(await lab.ask('clusters sync lab --networks --quiet')).toMatch(/^(\d+\n)+$/)
    const shown = await lab.ask('clusters show lab')
    expect(shown).toMatch(/^key +1\nname +lab\ntype +simulated\n[^]*datastore +\S+[^]*networks +\S/)

    const refused = await lab.run('clusters remove lab')
    expect([refused.code, refused.complained]).toEqual([
      1,
      'virtkit: Nobody is here to be asked: Forget lab?\nNext: Say it with --yes.\n',
    ])
    const inUse = await lab.run('clusters remove lab', { typed: ['y'] })
    expect([inUse.code, inUse.complained]).toEqual([
      1,
      expect.stringMatching(/^Forget lab\? \[y\/N\] y\nCONFLICT: .*network/),
    ])
  })

  it('credentials that do not work leave nothing; names that are not there say where to look', async () => {
    await using lab = await open()
    const wrong = await lab.run('clusters add lab --type simulated --address http://127.0.0.1:9')
    expect([wrong.code, wrong.complained]).toEqual([1, expect.stringMatching(/^HYPERVISOR_UNAVAILABLE: /)])
    expect((await lab.run('clusters add lab --type simulated')).complained).toMatch(
      /^INVALID_INPUT: [^]*--address: is missing/,
    )
    // The name of the credentials is free again.
    expect(await lab.ask(`clusters add lab --type simulated --quiet --address ${lab.hypervisor}`)).toBe('1\n')
    const unknown = await lab.run('clusters show lub')
    expect([unknown.code, unknown.complained]).toEqual([
      4,
      'NOT_FOUND: There is no cluster "lub".\nNext: See what there is: virtkit clusters list\n',
    ])
    expect(await lab.ask('clusters rm lab --yes')).toBe('Cluster lab is forgotten.\n')
    expect(await lab.ask('clusters list')).toMatch(/^No clusters yet\. .*virtkit clusters add/)
    expect(await lab.ask(`clusters add lab --type simulated --quiet --address ${lab.hypervisor}`)).toBe('2\n')
  })
})

it('a password comes from the environment, a file, a pipe or a question, and is nowhere to be seen', async () => {
  await using lab = await openLocalLab()
  const secret = 'canary-4f1d'
  writeFileSync(join(lab.folder, 'secret'), `${secret}\n`)
  const add = (name: string): string =>
    `clusters add ${name} --type simulated --address ${lab.hypervisor} --username u --no-test`
  const said = [
    await lab.run(add('a'), { env: { VIRTKIT_CLUSTER_PASSWORD: secret } }),
    await lab.run(`${add('b')} --password-file secret`),
    await lab.run(`${add('c')} --password-stdin`, { piped: `${secret}\n` }),
    await lab.run(add('d'), { typed: [secret] }),
  ]
  expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  expect(said[3]?.complained).toBe(`Password of u at ${lab.hypervisor}: \n`)
  expect(JSON.stringify(said)).not.toContain(secret)
  expect((await lab.run(add('e'))).complained).toMatch(/--password-stdin: is missing[^]*VIRTKIT_CLUSTER_PASSWORD/)
})

import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { openLabs } from '../../test/command-lab.ts'
import { fakeHost } from '../../test/run-command.ts'
import { runVirtkit } from '../run.ts'

// Many commands, each of which opens the installation for itself.
vi.setConfig({ testTimeout: 120_000 })

describe.each(openLabs)('what is kept %s', (_, open) => {
  it('settings are shown and changed one by one, and log levels too', async () => {
    await using lab = await open()
    await lab.ask('settings set --deletion-grace 7d --quiet')
    expect(await lab.ask('settings show')).toBe('install timeout  40m\ndeletion grace   7d\ndatastores       all\n')
    expect(await lab.ask('settings set --install-timeout 2h --ignore-datastore slow --ignore-datastore old')).toBe(
      'The settings are changed.\n',
    )
    expect(await lab.ask('settings set --datastores ^ssd --quiet')).toBe('')
    expect(await lab.ask('settings show')).toBe(
      'install timeout  2h\ndeletion grace   7d\ndatastores       ^ssd\nnever            slow, old\n',
    )
    const wrong = await lab.run('settings set --install-timeout soon')
    expect([wrong.code, wrong.complained]).toEqual([1, expect.stringMatching(/^INVALID_INPUT[^]*installtimeout/)])
    expect(await lab.ask('settings levels integrator debug')).toBe('integrator logs from debug up.\n')
    expect(await lab.ask('settings levels integrator --quiet')).toBe('debug\n')
    expect(await lab.ask('settings levels')).toMatch(/^service +level\ncore +info\n/)
    expect((await lab.run('settings levels integrator loud')).code).toBe(2)
    expect(await lab.ask('settings reset --yes')).toMatch(/^All settings/)
    expect(await lab.ask('settings levels integrator --quiet')).toBe('info\n')
    expect(await lab.ask('license show')).toMatch(/^state +off: nothing is limited\nmachines +0\n/)
    expect((await lab.run('license install nowhere')).complained).toContain('file: nowhere cannot be read (ENOENT)')
    expect((await lab.run('license install -', { piped: 'none' })).code).not.toBe(0)
    expect(await lab.ask('eula show')).toBe('There is no license agreement.\n')
    expect((await lab.run('eula accept')).complained).toContain('Say it with --yes.')
    expect(await lab.ask('updates show')).toMatch(/^version +\d+\.\d+\.\d+\navailable +not known\nupdate +none\n$/)
    expect((await lab.run('updates schedule --yes')).code).not.toBe(0)
  })

  it('who did what is listed, and held against its chain', async () => {
    await using lab = await open()
    await lab.ask('groups add team-a --quiet')
    expect(await lab.ask('audit list --limit 1000', { columns: 100, env: { NO_COLOR: '1' } })).toMatch(
      /^position +time +who +did +to +outcome\n[^]* group\.created +group\/1 +done\n/,
    )
    expect((await lab.ask('audit list --subject group/1 --quiet')).trim()).toMatch(/^\d+$/)
    await vi.waitFor(async () => {
      expect(await lab.ask('audit verify')).toMatch(/^entries +[1-9]\d*\n[^]*The record is whole\.\n$/)
    }, 20_000)
    const { number, hash } = JSON.parse(await lab.ask('audit verify --json')) as { number: number; hash: string }
    expect((await lab.run(`audit verify --number ${number} --hash ${hash}`)).code).toBe(0)
    const forged = createHash('sha256').update('another history').digest('hex')
    const other = await lab.run(`audit verify --number ${number} --hash ${forged}`)
    expect([other.code, other.printed]).toEqual([3, expect.stringMatching(/cut off\nThe record is not whole\.\n$/)])
    expect((await lab.run(`audit verify --number ${number}`)).complained).toContain('hash')
  })

  it('a backup is a file of its owner, and brings everything back', async () => {
    await using lab = await open()
    await lab.ask('groups add before --quiet')
    const passphrase = { env: { VIRTKIT_BACKUP_PASSPHRASE: 'correct horse battery' } }
    expect(await lab.ask('backup create all.backup', passphrase)).toMatch(/^all\.backup holds the backup: \d+ KiB\.\n$/)
    expect(statSync(join(lab.folder, 'all.backup')).mode & 0o777).toBe(0o600)
    const held = readFileSync(join(lab.folder, 'all.backup'))
    expect((await lab.run('backup create all.backup')).complained).toContain('all.backup is there already')
    expect(readFileSync(join(lab.folder, 'all.backup')).equals(held)).toBe(true)
    const name = (await lab.ask('backup create --quiet')).trim()
    expect(readdirSync(lab.folder)).toContain(name)

    await lab.ask('groups add after --quiet')
    expect((await lab.run('backup restore all.backup', passphrase)).complained).toContain('Say it with --yes.')
    expect((await lab.run('backup restore all.backup --yes')).code).not.toBe(0)
    writeFileSync(join(lab.folder, 'half.backup'), held.subarray(0, held.length / 2))
    expect((await lab.run('backup restore half.backup --yes', passphrase)).code).toBe(1)
    expect(await lab.ask('groups list --quiet')).toBe('1\n2\n')
    expect(await lab.ask('backup restore all.backup --yes', passphrase)).toMatch(
      /^Restored: backup of .*restored, \d+ rows/,
    )
    // At a server, tokens of before are not valid any more.
    const [, url] = /virtkit login (\S+)/.exec((await lab.run('groups list')).complained) ?? []
    if (url !== undefined)
      await lab.ask(`login ${url} --user admin`, { env: { VIRTKIT_PASSWORD: 'correct horse battery' } })
    expect(await lab.ask('groups list --quiet')).toBe('1\n')
    expect((await lab.run('backup restore nowhere --yes')).complained).toContain('file: nowhere cannot be read (ENOENT)')
  })

  it('logs are shown by service, level and time, and followed without a gap until somebody interrupts', async () => {
    await using lab = await open()
    await lab.ask('groups add team-a --quiet')
    const events = 'logs show --service core --level info --since 1h'
    const line = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d info     core         event name="team-a" event="group\.created" /m
    await vi.waitFor(async () => expect(await lab.ask(events)).toMatch(line), 20_000)
    const narrow = await lab.ask(events, { columns: 80, env: { NO_COLOR: '1' } })
    expect(Math.max(...narrow.split('\n').map((each) => each.length))).toBeLessThanOrEqual(80)
    expect(await lab.ask(`${events} --pseudonyms`)).toMatch(/name="name-[0-9a-f]{12}"/)
    expect(await lab.ask('logs show --level critical')).toBe('')
    expect((await lab.run('logs show --since yesterday')).complained).toContain('--since: is no time: yesterday')
    expect((await lab.run('logs show --until 1h --follow')).complained).toContain('--until: makes no sense with --follow')

    const host = fakeHost({ cwd: lab.folder, env: lab.env })
    const following = runVirtkit([...events.split(' '), '--follow', '--json'], host)
    const names = (): string[] =>
      [...host.printed.matchAll(/"name":"([\w-]+)","event":"group\.created"/g)].map((found) => found[1]!)
    await vi.waitFor(() => expect(names()).toEqual(['team-a']), 20_000)
    for (const name of ['team-b', 'team-c']) await lab.ask(`groups add ${name} --quiet`)
    await vi.waitFor(() => expect(names()).toEqual(['team-a', 'team-b', 'team-c']), 20_000)
    host.interrupt()
    expect(await following).toBe(0)
    const lines = host.printed.trim().split('\n')
    expect(new Set(lines).size).toBe(lines.length)
  })
})

import { describe, expect, it, vi } from 'vitest'
import { openLabs } from '../../test/command-lab.ts'

// Many commands, each of which opens the installation for itself.
vi.setConfig({ testTimeout: 120_000 })

describe.each(openLabs)('who is told %s', (_, open) => {
  it('callbacks tell their secret once', async () => {
    await using lab = await open()
    const urls = '--success https://hooks.example.com/ok --failure https://hooks.example.com/failed'
    const added = await lab.ask(`callbacks add ${urls} --notes lab`)
    expect(added).toMatch(
      /^The callback has the key 1\.\nIts deliveries are signed with \(told this once; keep it\):\nwhsec_\S+\n$/,
    )
    expect(await lab.ask(`callbacks add ${urls} --quiet`)).toMatch(/^2\nwhsec_\S+\n$/)
    expect(JSON.parse(await lab.ask(`callbacks add ${urls} --json`))).toMatchObject({
      key: 3,
      secret: expect.stringMatching(/^whsec_/),
    })
    const listed = await lab.ask('callbacks list', { columns: 80, env: { NO_COLOR: '1' } })
    expect(listed).toMatch(/^key +success +failure +notes\n +1 +https:\/\/hooks/)
    expect(Math.max(...listed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(listed).not.toContain('whsec_')
    expect(await lab.ask('callbacks update 1 --start https://hooks.example.com/start')).toBe('Callback 1 is changed.\n')
    expect(await lab.ask('callbacks show 1')).toBe(
      'key      1\nsuccess  https://hooks.example.com/ok\nfailure  https://hooks.example.com/failed\n' +
        'start    https://hooks.example.com/start\nnotes    lab\n',
    )
    const rotated = await lab.ask('callbacks rotate-secret 1 --grace 1h')
    expect(rotated).toMatch(
      /^Until [-\d]+ [:\d]+ the secret before it signs as well\.\nDeliveries are signed.*\nwhsec_\S+\n$/,
    )
    expect(await lab.ask('callbacks deliveries 1 --state dead')).toMatch(/^Nothing is dead for https:/)
    expect(await lab.ask('callbacks replay 1')).toBe('0 will be told again.\n')
    expect((await lab.run('callbacks replay 1 7')).complained).toMatch(/NOT_FOUND|no such|there is no/i)
    expect((await lab.run('callbacks replay 1 all')).complained).toContain("'all' is not a key")
    expect((await lab.run('callbacks add --success ftp://x --failure https://y.example.com')).code).toBe(1)
    expect(await lab.ask('callbacks rm 1 2 3 -y --quiet')).toBe('')
    expect(await lab.ask('callbacks list')).toMatch(/^No callbacks yet/)
  })

  it('people are told by mail or webhook, through a mail server whose password is not shown', async () => {
    await using lab = await open()
    await lab.ask('users add anna --quiet', { env: { VIRTKIT_USER_PASSWORD: 'correct horse' } })
    expect(await lab.ask('mail show')).toMatch(/^server +none: no mail is sent\n/)
    const set = await lab.run('mail set --server mail.example.com --username us --from us@example.com --password-stdin', {
      piped: 'canary-9d1c',
    })
    expect(set).toEqual({ code: 0, printed: 'Mail goes through mail.example.com:465.\n', complained: '' })
    expect(await lab.ask('mail set --from them@example.com --json')).not.toContain('canary')
    expect(await lab.ask('mail show')).toMatch(
      /^server +mail\.example\.com\nport +465\nusername +us\nfrom +them@example\.com\n/,
    )
    expect(await lab.ask('notifications add --to anna@example.com --user anna --severity error')).toBe(
      'anna@example.com is told of error; its key is 1.\n',
    )
    const hook = await lab.run('notifications add --type webhook --to https://hooks.example.com/n --user anna')
    expect(hook.printed).toMatch(/told of warning, error, critical; its key is 2\.\n.*signed with.*\nwhsec_/)
    expect(await lab.ask('notifications update 1 --severity info --severity error')).toBe(
      'anna@example.com is told of info, error.\n',
    )
    expect(await lab.ask('notifications list', { columns: 80, env: { NO_COLOR: '1' } })).toMatch(
      /^key +user +channel +to +of\n +1 +\d +mail +anna@example\.com +info, error\n/,
    )
    expect(await lab.ask('notifications deliveries anna@example.com')).toMatch(/^Nothing was told to anna/)
    expect((await lab.run('notifications add --to x --severity loud')).code).toBe(2)
    expect(await lab.ask('notifications rm 1 2 --yes --quiet')).toBe('')
    expect(await lab.ask('mail reset --yes')).toBe('No mail is sent any more.\n')
  })
})

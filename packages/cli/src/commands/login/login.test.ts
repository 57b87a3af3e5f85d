import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { startSimulatorServer } from '@virtkit/driver-simulated'
import { expect, it, vi } from 'vitest'
import { openLocalLab, openRemoteLab } from '../../../test/command-lab.ts'

// Each opens kits and servers, which takes a loaded machine its time.
vi.setConfig({ testTimeout: 120_000 })

const password = 'correct horse battery'

it('a token is kept for its owner alone, counts for later commands, and is destroyed at the server by logging out', async () => {
  await using lab = await openRemoteLab()
  const file = join(lab.folder, 'config/virtkit/logins.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { current: string; logins: Record<string, { token: string }> }
  const { token } = kept.logins[kept.current]!
  expect(readFileSync(file, 'utf8')).not.toContain(password)
  const given = { env: { VIRTKIT_URL: kept.current, VIRTKIT_TOKEN: token } }
  expect(await lab.ask('clusters list')).toMatch(/^No clusters yet/)

  expect(await lab.ask('logout')).toBe(`admin is logged out at ${kept.current}.\n`)
  expect(readFileSync(file, 'utf8')).not.toContain(token)
  const nobody = await lab.run(`clusters list --url ${kept.current}`)
  expect([nobody.code, nobody.complained]).toEqual([
    5,
    `UNAUTHENTICATED: Nobody is logged in at ${kept.current}.\nNext: Log in: virtkit login ${kept.current}\n`,
  ])
  const ended = await lab.run('clusters list', given)
  expect([ended.code, ended.complained]).toEqual([5, expect.stringMatching(/^UNAUTHENTICATED: The token[^]*virtkit login/)])
  expect((await lab.run(`logout ${kept.current}`)).code).toBe(4)

  const again = await lab.run(`login ${kept.current}`, { typed: ['admin', password] })
  expect([again.code, again.complained]).toEqual([0, `User: admin\nPassword of admin at ${kept.current}: \n`])
  expect(await lab.ask(`login ${kept.current} --user admin --password-stdin`, { piped: `${password}\n` })).toMatch(
    /^admin is logged in at .* until /,
  )
  expect((await lab.run(`login ${kept.current} --user admin`, { typed: ['wrong'] })).code).toBe(5)
})

it('a server that is not there, and one that is none of ours, are told apart', async () => {
  await using lab = await openLocalLab()
  const env = { VIRTKIT_PASSWORD: password, VIRTKIT_DATABASE: '' }
  const { port, close } = await startSimulatorServer({ port: 0 })
  await close()
  const gone = await lab.run(`login http://127.0.0.1:${port} --user a`, { env })
  expect([gone.code, gone.complained]).toEqual([
    1,
    `virtkit: http://127.0.0.1:${port}/rest/v1 cannot be reached (ECONNREFUSED).\nNext: Look at --url, and whether it runs there: virtkit serve.\n`,
  ])
  const other = await lab.run(`clusters list --url ${lab.hypervisor}`, { env: { ...env, VIRTKIT_TOKEN: 'x' } })
  expect([other.code, other.complained]).toEqual([
    1,
    expect.stringMatching(/ is no API of Virtkit\.\nNext: Give --url with/),
  ])
  expect((await lab.run('clusters list', { env })).complained).toMatch(/--url: is missing[^]*--database[^]*virtkit login/)
  expect((await lab.run('login ftp://a', { env })).complained).toMatch(/url: is no http or https URL/)
  expect((await lab.run('login http://a:b@c', { env })).complained).toMatch(/no password belongs here/)
})

it('where it works is said once, and a database that is only read must be there', async () => {
  await using lab = await openLocalLab()
  const both = await lab.run('clusters list --database a.db --url http://a')
  expect(both.complained).toMatch(/--url: says another place than --database/)
  expect((await lab.run('clusters list', { env: { VIRTKIT_URL: 'http://a' } })).complained).toMatch(
    /VIRTKIT_URL: says another place than VIRTKIT_DATABASE/,
  )
  expect((await lab.run('clusters list')).complained).toMatch(/--database: there is no file .*lab\.db/)
})

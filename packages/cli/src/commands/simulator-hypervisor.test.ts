import { createSimulatorControl } from '@virtkit/driver-simulated'
import { expect, it, vi } from 'vitest'
import { fakeHost } from '../../test/run-command.ts'
import { runVirtkit } from '../run.ts'

const free = ['simulator', 'hypervisor', '--port', '0']

it('prints one line when it listens, lets in who knows the password, and ends with 0 when interrupted', async () => {
  const host = fakeHost({ env: { VIRTKIT_SIMULATOR_PASSWORD: 'hunter2' } })
  const ended = runVirtkit([...free, '--username', 'root'], host)
  await vi.waitFor(() => expect(host.printed).not.toBe(''))
  const [, url = ''] = /^virtkit simulator: listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(host.printed) ?? []
  const known = createSimulatorControl({ url, username: 'root', password: 'hunter2' })
  const stranger = createSimulatorControl({ url })
  expect(await known.summary()).toMatchObject({ machines: [] })
  await expect(stranger.summary()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  await Promise.all([known.close(), stranger.close()])
  host.interrupt()
  expect(await ended).toBe(0)
  expect(host.complained).toBe('')
})

it('with --json the line is JSON', async () => {
  const host = fakeHost()
  host.interrupt()
  expect(await runVirtkit([...free, '--json'], host)).toBe(0)
  expect(JSON.parse(host.printed)).toMatchObject({ event: 'listening', url: expect.stringMatching(/^http:/) as string })
})

it.each([
  [{}, ['--username', 'root'], /VIRTKIT_SIMULATOR_PASSWORD: is missing/],
  [{ VIRTKIT_SIMULATOR_PASSWORD: 'hunter2' }, [], /--username: is missing/],
])('half of the credentials is refused', async (env, args, text) => {
  const host = fakeHost({ env })
  expect(await runVirtkit([...free, ...args], host)).toBe(1)
  expect(host.complained).toMatch(text)
  expect(host.complained).not.toContain('hunter2')
})

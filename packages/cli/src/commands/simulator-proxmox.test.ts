import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'node:https'
import { expect, it, vi } from 'vitest'
import { fakeHost } from '../../test/run-command.ts'
import { runVirtkit } from '../run.ts'

const free = ['simulator', 'proxmox', '--port', '0']

it('says where it listens and how to get in, writes its certificate, and ends with 0 when interrupted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'virtkit-cli-'))
  const file = join(folder, 'ca.pem')
  const host = fakeHost()
  const ended = runVirtkit([...free, '--json', '--certificate', file], host)
  await vi.waitFor(() => expect(host.printed).not.toBe(''))
  const { url, token } = JSON.parse(host.printed) as { url: string; token: string }
  const agent = new Agent({ ca: await readFile(file) })
  const status = await new Promise((resolve, reject) => {
    const headers = { authorization: `PVEAPIToken=${token}` }
    request(`${url}/api2/json/version`, { agent, headers })
      .on('response', (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end()
  })
  expect(status).toBe(200)
  agent.destroy()
  host.interrupt()
  expect(await ended).toBe(0)
  await rm(folder, { recursive: true })
})

it('takes its secret from the environment, and then does not say it', async () => {
  const host = fakeHost({ env: { VIRTKIT_SIMULATOR_PASSWORD: 'hunter2' } })
  const ended = runVirtkit([...free, '--no-tls', '--release', '9.2'], host)
  await vi.waitFor(() => expect(host.printed).not.toBe(''))
  const url = /^virtkit simulator: Proxmox VE 9\.2 listening on (http:\S+)\n$/.exec(host.printed)?.[1] ?? ''
  const answer = await fetch(`${url}/api2/json/version`, {
    headers: { authorization: 'PVEAPIToken=root@pam!virtkit=hunter2' },
  })
  expect(await answer.json()).toMatchObject({ data: { release: '9.2' } })
  host.interrupt()
  expect(await ended).toBe(0)
  expect(host.printed + host.complained).not.toContain('hunter2')
})

it('refuses a certificate file without TLS, and a pace below zero', async () => {
  const host = fakeHost()
  expect(await runVirtkit([...free, '--no-tls', '--certificate', 'x'], host)).toBe(1)
  expect(host.complained).toMatch(/--certificate: is of no use/)
  expect(await runVirtkit([...free, '--pace', '-1'], fakeHost())).toBe(2)
})

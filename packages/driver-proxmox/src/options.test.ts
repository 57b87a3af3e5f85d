import { Secret } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { proxmoxOptions } from './options.ts'

const login = { url: 'pve1', username: 'root@pam', password: 'hunter2' }
const check = async (given: object): Promise<{ value?: unknown; issues?: readonly string[] }> => {
  const checked = await proxmoxOptions['~standard'].validate({ ...login, ...given })
  return checked.issues ? { issues: checked.issues.map(({ path }) => String(path?.[0])) } : { value: checked.value }
}

it('an address is a host, with the port of Proxmox VE where none is named', async () => {
  const cases = {
    pve1: 'https://pve1:8006',
    'pve1:443': 'https://pve1',
    'https://pve1.example.org': 'https://pve1.example.org:8006',
    'https://pve1.example.org:443/': 'https://pve1.example.org',
    'https://[fd00::1]:8006': 'https://[fd00::1]:8006',
  }
  for (const [url, origin] of Object.entries(cases)) expect(await check({ url })).toMatchObject({ value: { url: origin } })
  expect(await check({ url: 'pve1', http: true })).toMatchObject({ value: { url: 'http://pve1:8006' } })
})

it('what is not set has its default, and the password does not print itself', async () => {
  const { value } = await check({})
  expect(value).toEqual({
    ...login,
    url: 'https://pve1:8006',
    password: expect.any(Secret) as Secret,
    fallbackUrls: [],
    insecure: false,
    http: false,
    idRange: { from: 10_000, to: 999_999 },
    timeoutMs: 45_000,
    taskTimeoutMs: 3_600_000,
    lockWaitMs: 30_000,
    settleMs: 15_000,
    parallel: 8,
  })
  expect(JSON.stringify(value)).not.toContain('hunter2')
})

it.each([
  ['url', { url: 'https://root:secret@pve1' }],
  ['url', { url: 'https://pve1/api2' }],
  ['url', { url: 'http://pve1' }],
  ['fallbackUrls', { fallbackUrls: 'pve2' }],
  ['username', { username: 'root' }],
  ['username', { username: 'root@pam!t=secret' }],
  ['password', { password: '' }],
  ['idRange', { idRange: { from: 99, to: 200 } }],
  ['idRange', { idRange: { from: 300, to: 200 } }],
  ['ca', { ca: 'none' }],
  ['fingerprint', { fingerprint: 'AB:CD' }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['node', { node: '../pve' }],
  ['colour', { colour: 'red' }],
])('%s is named when it is wrong: %j', async (field, given) => {
  expect(await check(given)).toEqual({ issues: [field] })
})

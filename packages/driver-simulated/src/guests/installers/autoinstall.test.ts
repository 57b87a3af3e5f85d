import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readKernelArguments } from '../kernel-arguments.ts'
import { installerContext } from '../testing/installer-context.ts'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'
import { installByAutoinstall } from './autoinstall.ts'

const hash = `$6$saltsalt$${'x'.repeat(86)}`
let server: TestServer
let userData: string

beforeEach(async () => {
  server = await startTestServer({ '/seed/meta-data': 'instance-id: x\n', '/report': 'ok', '/first-boot': '#!/bin/sh\n' })
  userData = `#cloud-config
autoinstall:
  version: 1
  identity:
    hostname: web-2
    username: admin
    password: "${hash}"
  network:
    version: 2
    ethernets:
      main:
        match: {macaddress: "52:54:00:00:00:01"}
        addresses: [10.20.0.13/24]
        routes:
          - to: default
            via: 10.20.0.1
        nameservers:
          addresses: [9.9.9.9]
  storage:
    layout:
      name: direct
  early-commands:
    - curl -fsS -d phase=installing ${server.origin}/report
  late-commands:
    - curl -fsS -o /target/usr/local/sbin/first-boot ${server.origin}/first-boot
    - |
      cat > /target/etc/systemd/system/first.service <<'END'
      [Service]
      ExecStart=/usr/local/sbin/first-boot
      END
    - [curtin, in-target, --target=/target, --, systemctl, enable, first.service]
  error-commands:
    - curl -fsS -d phase=failed ${server.origin}/report
`
})
afterEach(() => server[Symbol.asyncDispose]())

async function install(change: (line: string) => string = (line) => line): Promise<Record<string, string>> {
  server.answers['/seed/user-data'] = userData
  const context = installerContext()
  const line =
    'ip=10.20.0.13::10.20.0.1:255.255.255.0:web-2::none:9.9.9.9 url=http://releases/ubuntu-24.04.3-live-server-amd64.iso ' +
    `autoinstall ds=nocloud;s=${server.origin}/seed/`
  await installByAutoinstall(context, readKernelArguments(change(line)))
  return context.hardware.disk
}

describe("an installation by Ubuntu's autoinstall", () => {
  it('writes the system, its card and what the late commands made', async () => {
    expect(await install()).toMatchObject({
      '/etc/os-release': 'ID=ubuntu\nNAME="Ubuntu"\nVERSION_ID="24.04"\n',
      '/etc/hostname': 'web-2\n',
      '/etc/shadow': expect.stringContaining(hash),
      '/etc/netplan/50-cloud-init.yaml': expect.stringContaining('10.20.0.13/24'),
      '/usr/local/sbin/first-boot': '#!/bin/sh\n',
      '/etc/systemd/system/first.service': '[Service]\nExecStart=/usr/local/sbin/first-boot\n',
      '/etc/systemd/system/multi-user.target.wants/first.service': expect.stringContaining('first.service'),
    })
    expect(server.requests).toEqual([
      'GET /seed/meta-data',
      'GET /seed/user-data',
      'POST /report phase=installing',
      'GET /first-boot',
    ])
  })

  it.each([
    ['#cloud-config\n', '# cloud-config\n', /no cloud-config/],
    ['version: 1', 'version: 3', /version must be 1/],
    [hash, 'secret', /no crypted password/],
    ['hostname: web-2', 'hostname: -web', /no valid host name/],
    ['52:54:00:00:00:01', '52:54:00:00:00:02', /no network card matches main/],
    ['  identity:\n', '  identity:\n   wrong\n', /user-data: line/],
    ['    version: 2', '    version: 1', /network needs version 2/],
  ])('stops when %j is %j', async (there, instead, message) => {
    userData = userData.replace(there, instead)
    await expect(install()).rejects.toThrow(message)
  })

  it('runs its error commands when a late command fails', async () => {
    server.answers['/first-boot'] = 404
    await expect(install()).rejects.toThrow('late-commands failed with status 22')
    expect(server.requests.at(-1)).toBe('POST /report phase=failed')
  })

  it('stops without live image, without seed, and with a seed that is no folder', async () => {
    await expect(install((line) => line.replace('url=', 'x='))).rejects.toThrow('live file system')
    await expect(install((line) => line.replace('ds=', 'x='))).rejects.toThrow('no seed')
    await expect(install((line) => line.replace('/seed/', '/seed'))).rejects.toThrow('slash')
    server.answers['/seed/meta-data'] = 404
    await expect(install()).rejects.toThrow('could not be retrieved')
  })
})

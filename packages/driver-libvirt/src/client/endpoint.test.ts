import { describe, expect, it } from 'vitest'
import { parseEndpoint, sshCommand } from './endpoint.ts'

describe('libvirt URIs', () => {
  it.each([
    ['qemu:///system', { uri: 'qemu:///system' }],
    ['qemu:///session?socket=/tmp/a-sock', { uri: 'qemu:///session', socket: '/tmp/a-sock' }],
    ['qemu+unix:///system', { uri: 'qemu:///system' }],
    ['qemu+ssh://host/system', { uri: 'qemu:///system', ssh: { host: 'host', insecure: false } }],
    [
      'qemu+ssh://root@[fd00::1]:2222/system?keyfile=/root/.ssh/id_ed25519',
      {
        uri: 'qemu:///system',
        ssh: { host: 'fd00::1', port: 2222, user: 'root', keyFile: '/root/.ssh/id_ed25519', insecure: false },
      },
    ],
  ])('reads %s', (url, endpoint) => {
    expect(parseEndpoint(url)).toEqual(endpoint)
  })

  it.each([
    'xen:///system',
    'qemu:///other',
    'qemu://host/system',
    'qemu+ssh:///system',
    'qemu+ssh://-oProxyCommand=id/system',
    'qemu+ssh://a$(id)/system',
    'qemu+ssh://-l@host/system',
    'qemu+ssh://root:secret@host/system',
    'qemu+ssh://host/system?command=id',
    'qemu+ssh://host/system?socket=/a;id',
    'qemu+ssh://host/system?socket=$(id)',
    'qemu+ssh://host/system?keyfile=-i',
    'qemu:///system?keyfile=/a',
    'not a URL',
  ])('refuses %s', (url) => {
    expect(parseEndpoint(url)).toHaveProperty('problem')
  })

  it('hands ssh a host that cannot be taken for an option, and a fixed command', () => {
    const ssh = { host: 'host', port: 2222, user: 'root', insecure: true }
    const parameters = sshCommand({ uri: 'qemu:///system', ssh })
    expect(parameters.slice(-3, -1)).toEqual(['--', 'host'])
    expect(parameters).toContain('-oStrictHostKeyChecking=no')
    expect(parameters.at(-1)).toContain('virt-ssh-helper qemu:///system')
    expect(sshCommand({ uri: 'qemu:///system', socket: '/run/s', ssh }).at(-1)).toBe('exec nc -U /run/s')
  })
})

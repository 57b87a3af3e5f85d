import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestLibvirtd, installLibvirt, lacksLibvirt, startLibvirtd } from '@virtkit/test-libvirt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { libvirt } from '../src/index.ts'

const lacks = lacksLibvirt()

// Another host without one: a program named ssh that runs the command, as a shell over there would, where libvirtd is.
describe.skipIf(lacks !== undefined && process.env['CI'] === undefined)('over SSH', () => {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-ssh-'))
  const path = process.env['PATH']
  let libvirtd: TestLibvirtd

  beforeAll(async () => {
    if (lacks !== undefined) throw new Error(`${lacks}\nTo install it: ${installLibvirt}`)
    libvirtd = await startLibvirtd()
    await libvirtd.inside('ln', '-s', libvirtd.socket, '/run/libvirt/libvirt-sock')
    process.env['PATH'] = `${folder}:${path}`
  }, 40_000)
  afterAll(async () => {
    process.env['PATH'] = path
    rmSync(folder, { recursive: true, force: true })
    await libvirtd?.[Symbol.asyncDispose]()
  })

  it('libvirt is reached by its own helper over there, and the session leaves no process', async () => {
    const given = join(folder, 'given')
    placeSsh(
      `echo $$ "$@" >${given}\nfor command; do :; done\nexec nsenter --target ${libvirtd.pid} --mount --net --pid sh -c "$command"`,
    )
    const call = { signal: AbortSignal.timeout(20_000) }
    const hypervisor = await libvirt.connect({ url: 'qemu+ssh://kvm1.example:2222/system', username: 'root' }, call)
    expect((await hypervisor.inventory.datastores(call)).map(({ name }) => name)).toEqual(['disks'])
    await hypervisor[Symbol.asyncDispose]()
    const [pid, ...parameters] = readFileSync(given, 'utf8').split(' ')
    expect(parameters.join(' ')).toMatch(/-p 2222 -l root -- kvm1\.example if command -v virt-ssh-helper/)
    await expect.poll(() => isAlive(Number(pid)), { timeout: 5000 }).toBe(false)
  })

  it('what ssh has to say about a key that is not known becomes UNAUTHENTICATED', async () => {
    placeSsh('echo "root@kvm1.example: Permission denied (publickey)." >&2\nexit 255')
    const call = { signal: AbortSignal.timeout(20_000) }
    const connecting = libvirt.connect({ url: 'qemu+ssh://root@kvm1.example/system' }, call)
    await expect(connecting).rejects.toMatchObject({ code: 'UNAUTHENTICATED', outcome: 'did-not-happen' })
  })

  function placeSsh(script: string): void {
    writeFileSync(join(folder, 'ssh'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, 'ssh'), 0o755)
  }
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

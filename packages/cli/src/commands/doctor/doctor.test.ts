import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fakeHost } from '../../../test/run-command.ts'
import { runVirtkit } from '../../run.ts'
import { checkKeyFile, checkPostgres, checkSqlite } from './check-database.ts'
import { checkClock, checkTerminal } from './check-host.ts'
import { checkQemu } from './check-hypervisor.ts'
import { checkNode, checkPackage } from './check-programs.ts'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'virtkit-doctor-'))
})
afterEach(() => rm(cwd, { recursive: true, force: true }))

// Nothing of this machine's own hypervisor: whether guests run under KVM takes up to ten seconds to see.
const examine = async (...args: string[]) => {
  const host = fakeHost({ cwd, env: { PATH: cwd } })
  const code = await runVirtkit(['doctor', ...args], host)
  return { code, printed: host.printed, complained: host.complained }
}

it('a folder that can be used lacks nothing that was asked for, and nothing is left in it', async () => {
  const { code, printed } = await examine('--boot-host', '127.0.0.1')
  expect(code).toBe(0)
  expect(printed).toMatch(/^ok {7}node {7}v\d+/m)
  expect(printed).toMatch(/^ok {7}sqlite {5}better-sqlite3 loads$/m)
  expect(printed).toMatch(/^ok {7}key-file .* is made at the first start$/m)
  expect(printed).toMatch(/^warning {2}qemu .*is not installed.*\n {20}apt install qemu-system-x86$/m)
  expect(printed).toMatch(/^warning {2}boot-host {2}127\.0\.0\.1 is reached by machines on this host only$/m)
  expect(printed).toMatch(/^0 missing, \d+ warnings, \d+ ok\.$/m)
  expect(await readdir(cwd)).toEqual([])
})

it('what serve was asked for and would not get is missing, each with what mends it', async () => {
  const taken = createSocket('udp4').bind(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address()
  await writeFile(join(cwd, 'keys'), '# open', { mode: 0o644 })
  await mkdir(join(cwd, 'ipxe'))
  const lacking = ['--boot-host', '127.0.0.1', '--tftp-port', String(port), '--key-file', 'keys', '--boot-programs', 'ipxe']
  const libvirt = 'qemu:///system?socket=/nowhere/libvirt-sock'
  const ended = await examine('--json', ...lacking, '--libvirt', libvirt)
  taken.close()
  expect(ended.code).toBe(3)
  const lines = ended.printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { check: string; state: string })
  expect(lines.filter(({ state }) => state === 'missing')).toEqual([
    {
      event: 'check',
      check: 'key-file',
      state: 'missing',
      text: `${cwd}/keys can be read by others than its owner (0644)`,
      fix: `chmod 600 ${cwd}/keys`,
    },
    expect.objectContaining({ check: 'libvirt', text: expect.stringContaining('HYPERVISOR_UNAVAILABLE') }),
    expect.objectContaining({ check: 'ipxe', fix: 'apt install ipxe isolinux syslinux-common' }),
    expect.objectContaining({ check: 'tftp', fix: `ss -lunp 'sport = :${port}'` }),
  ])
  expect(lines.at(-1)).toEqual({ event: 'checked', ok: expect.any(Number), warnings: expect.any(Number), missing: 4 })
})

it('a boot host that is not this machine, and a database where none can be, are named', async () => {
  await writeFile(join(cwd, 'file'), '')
  const { code, printed } = await examine('--quiet', '--boot-host', '192.0.2.1', '--database', 'nowhere/virtkit.db')
  expect(code).toBe(3)
  expect(printed).toMatch(/^missing {2}database .*does not exist .*\n {20}make the folder first$/m)
  expect(printed).toMatch(/^missing {2}boot-host {2}192\.0\.2\.1 is no address of this machine$/m)
  expect(printed).not.toMatch(/^ok/m)
  expect(await checkSqlite(join(cwd, 'file', 'virtkit.db'))).toMatchObject([
    { state: 'missing', text: expect.stringMatching(/ENOTDIR/) },
  ])
  expect(await checkSqlite(join(cwd, 'nowhere', 'virtkit.db'))).toMatchObject([{ fix: `mkdir -p ${cwd}/nowhere` }])
})

it('a key file that went away is missing only where something was sealed by it', async () => {
  expect(await checkKeyFile(join(cwd, 'key'), false)).toMatchObject({ state: 'ok' })
  expect(await checkKeyFile(join(cwd, 'key'), true)).toMatchObject({
    state: 'missing',
    text: expect.stringMatching(/sealed by it/),
  })
})

it('a PostgreSQL that is not there is told without its password', async () => {
  const [finding] = await checkPostgres('postgres://anna:hunter2@127.0.0.1:9/lab', 'PostgreSQL anna@127.0.0.1:9/lab')
  expect(finding).toMatchObject({
    check: 'database',
    state: 'missing',
    fix: expect.stringMatching(/^psql postgres:\/\/anna@/),
  })
  expect(JSON.stringify(finding)).not.toContain('hunter2')
})

it('packages that are missing, or do not load, are told apart', async () => {
  const from = join(cwd, 'package.json')
  const needed = { check: 'postgres', package: 'broken-driver', isNeeded: true, use: () => {} }
  expect(await checkPackage(needed, from)).toMatchObject({ state: 'missing', fix: 'npm install broken-driver' })
  await mkdir(join(cwd, 'node_modules', 'broken-driver'), { recursive: true })
  await writeFile(join(cwd, 'node_modules', 'broken-driver', 'index.js'), "throw new Error('wrong ELF class')")
  expect(await checkPackage(needed, from)).toMatchObject({ state: 'missing', fix: 'npm rebuild broken-driver' })
  expect(await checkPackage({ ...needed, isNeeded: false }, from)).toMatchObject({ state: 'warning' })
})

it('KVM counts where a guest runs under it: not where it hangs, and not where it is missing', async () => {
  const emulator = join(cwd, 'qemu-system-x86_64')
  const device = join(cwd, 'kvm')
  const behaves = async (script: string): Promise<unknown> => {
    await writeFile(emulator, `#!/bin/sh\n${script}\n`)
    await chmod(emulator, 0o755)
    return (await checkQemu(cwd, device, 1000))[1]
  }
  expect(await behaves('exit 0')).toMatchObject({
    state: 'warning',
    text: expect.stringMatching(/ENOENT/),
    fix: expect.stringMatching(/modprobe/),
  })
  await writeFile(device, '')
  expect(await behaves('exec sleep 60')).toMatchObject({
    state: 'warning',
    text: expect.stringMatching(/hangs under it for 1 s/),
  })
  expect(await behaves('exit 1')).toMatchObject({ state: 'warning', text: expect.stringMatching(/no guest starts/) })
  expect(await behaves('exit 0')).toMatchObject({ state: 'ok' })
})

it('an old Node, a clock in the past and a poor terminal', async () => {
  expect(checkNode('v22.11.0')).toMatchObject({ state: 'missing', fix: 'nvm install 24' })
  expect(checkNode('v22.12.0')).toMatchObject({ state: 'ok' })
  expect(await checkClock(0)).toMatchObject({ state: 'missing', fix: 'timedatectl set-ntp true' })
  expect(await checkClock(Date.now(), async () => false)).toMatchObject({ state: 'warning' })
  const { stdout } = fakeHost({ columns: 60 })
  expect(checkTerminal({ stdout, env: { TERM: 'dumb' } })).toMatchObject({
    state: 'warning',
    text: expect.stringMatching(/redraw/),
  })
  expect(checkTerminal({ stdout, env: { TERM: 'xterm' } })).toMatchObject({
    state: 'warning',
    text: expect.stringMatching(/60 columns/),
  })
  const wide = fakeHost({ columns: 80 })
  expect(checkTerminal({ stdout: wide.stdout, env: { TERM: 'xterm', LANG: 'C' } })).toMatchObject({
    text: expect.stringMatching(/^C: bars/),
  })
  expect(checkTerminal({ stdout: wide.stdout, env: { TERM: 'xterm', LANG: 'C.UTF-8' } })).toMatchObject({ state: 'ok' })
})

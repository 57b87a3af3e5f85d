import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type GuestDoor, letGuestsReach } from './let-guests-reach.ts'

export { installLibvirt, lacksLibvirt } from './find-libvirt.ts'

const run = promisify(execFile)

/** A libvirtd of the tests' own, in namespaces of its own. */
export interface TestLibvirtd extends AsyncDisposable {
  /** Where it listens. */
  readonly socket: string
  /** `qemu:///system?socket=…` */
  readonly url: string
  /** The process whose end is the end of everything in there. */
  readonly pid: number
  /** Where a path of its file system is found from outside. */
  outside(path: string): string
  /** Runs virsh against it. */
  virsh(...parameters: readonly string[]): Promise<string>
  /** Runs a program where libvirtd runs: it sees its files, networks and guests. */
  inside(program: string, ...parameters: readonly string[]): Promise<string>
  /** From now on guests with a card of QEMU's user-mode network reach 127.0.0.1:`port` out here. */
  letGuestsReach(port: number): Promise<GuestDoor>
  /** What libvirtd has complained of. */
  log(): string
}

/**
 * Brings up a libvirtd with the pool `disks` (20 GiB on a file system of its own) and the networks `lab-a` and `lab-b`. At
 * `/var/lib/libvirt/small` there is a file system of 64 MiB for whoever wants a pool that fills up.
 *
 * Promises: it ends with this process, however that ends: its first process is killed by the kernel when its parent dies, and the
 * kernel takes the rest of the namespaces with it. Throws when it is not ready within 30 s.
 */
export async function startLibvirtd(): Promise<TestLibvirtd> {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-libvirt-'))
  const script = fileURLToPath(new URL('world.sh', import.meta.url))
  const unshare = ['unshare', '--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child=KILL']
  const world = spawn('setpriv', ['--pdeathsig', 'KILL', ...unshare, 'sh', script, folder, '20G'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  world.stderr.on('data', (chunk: Buffer) => (said += chunk))
  const socket = join(folder, 'libvirt-sock')
  try {
    await within(
      30_000,
      () => existsSync(socket),
      world,
      () => said,
    )
    const pid = await firstChild(world)
    const inside = async (program: string, ...parameters: readonly string[]): Promise<string> => {
      const enter = ['--target', String(pid), '--mount', '--net', '--pid', program, ...parameters]
      return (await run('nsenter', enter, { maxBuffer: 64 * 1024 * 1024 })).stdout
    }
    const url = `qemu:///system?socket=${socket}`
    const virsh = (...parameters: readonly string[]): Promise<string> => inside('virsh', '-q', '-c', url, ...parameters)
    await furnish(folder, virsh)
    return {
      socket,
      url,
      pid,
      inside,
      virsh,
      outside: (path) => `/proc/${pid}/root${path}`,
      letGuestsReach: (port) => letGuestsReach(pid, port),
      log: () => (existsSync(join(folder, 'libvirtd.log')) ? readFileSync(join(folder, 'libvirtd.log'), 'utf8') : ''),
      [Symbol.asyncDispose]: () => end(world, folder),
    }
  } catch (error) {
    await end(world, folder)
    throw error
  }
}

async function furnish(folder: string, virsh: (...parameters: readonly string[]) => Promise<string>): Promise<void> {
  await virsh('pool-define-as', 'disks', 'dir', '--target', '/var/lib/libvirt/disks')
  await virsh('pool-start', 'disks')
  const networks = { 'lab-a': 'lab0', 'lab-b': 'lab1' }
  for (const [name, bridge] of Object.entries(networks)) {
    const file = join(folder, `${name}.xml`)
    writeFileSync(file, `<network><name>${name}</name><forward mode='bridge'/><bridge name='${bridge}'/></network>`)
    await virsh('net-define', file)
    await virsh('net-start', name)
  }
}

/** The process id, as seen from here, of the first process in there. */
async function firstChild(world: ChildProcess): Promise<number> {
  const text = readFileSync(`/proc/${world.pid}/task/${world.pid}/children`, 'utf8')
  const pid = Number(text.trim().split(' ')[0])
  if (!Number.isSafeInteger(pid) || pid <= 0) throw new Error('the namespaces have no first process')
  return pid
}

async function within(ms: number, done: () => boolean, world: ChildProcess, said: () => string): Promise<void> {
  for (const until = Date.now() + ms; !done();) {
    if (world.exitCode !== null || world.signalCode !== null) throw new Error(`libvirtd did not start: ${said().trim()}`)
    if (Date.now() > until) throw new Error(`libvirtd was not ready within ${ms} ms: ${said().trim()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function end(world: ChildProcess, folder: string): Promise<void> {
  if (world.exitCode === null && world.signalCode === null) {
    const ended = once(world, 'exit')
    world.kill('SIGKILL')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}

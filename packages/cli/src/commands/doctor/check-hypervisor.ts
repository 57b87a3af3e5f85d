import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { libvirt } from '@virtkit/driver-libvirt'
import { isVirtkitError } from '@virtkit/spi'
import { type Finding, missing, ok, reasonOf, warning } from './finding.ts'

const emulator = 'qemu-system-x86_64'
/** A guest that runs has ended by then; one that hangs has not. */
const guestMs = 10_000
const answerMs = 5000
const nested = 'is this a virtual machine itself? enable nested virtualization where it runs'

/** QEMU and KVM of this machine. Clusters elsewhere need neither: nothing of it is more than a warning. */
export async function checkQemu(
  path: string,
  device: string = '/dev/kvm',
  boundMs: number = guestMs,
): Promise<readonly Finding[]> {
  const program = await findProgram(emulator, path)
  if (program === undefined)
    return [warning('qemu', `${emulator} is not installed: no machines on this host`, 'apt install qemu-system-x86')]
  const there = ok('qemu', program)
  try {
    await access(device, constants.R_OK | constants.W_OK)
  } catch (error) {
    const reason = reasonOf(error)
    const text = `${device} cannot be used (${reason}): guests are emulated, and slow`
    return [
      there,
      warning('kvm', text, reason === 'ENOENT' ? 'modprobe kvm_intel || modprobe kvm_amd' : 'usermod -aG kvm $USER'),
    ]
  }
  const ran = await runsGuest(program, boundMs)
  if (ran === 'ended') return [there, ok('kvm', 'a guest runs under it')]
  const how = ran === 'hangs' ? `a guest hangs under it for ${Math.round(boundMs / 1000)} s` : 'no guest starts under it'
  return [there, warning('kvm', `${device} is there, but ${how}: guests are emulated, and slow`, nested)]
}

/**
 * Whether a guest without any disk runs its firmware, which finds nothing to boot and resets; QEMU is told to take that for its end. That
 * KVM opens is not enough: on some machines guests hang under it.
 */
function runsGuest(program: string, boundMs: number): Promise<'ended' | 'hangs' | 'fails'> {
  const args = ['-accel', 'kvm', '-machine', 'pc', '-m', '64', '-nodefaults', '-display', 'none', '-no-reboot']
  const child = spawn(program, [...args, '-boot', 'reboot-timeout=0'], { stdio: 'ignore' })
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      resolve('hangs')
    }, boundMs)
    const end = (how: 'ended' | 'fails'): void => {
      clearTimeout(timer)
      resolve(how)
    }
    child.once('error', () => end('fails'))
    child.once('exit', (code) => end(code === 0 ? 'ended' : 'fails'))
  })
}

/** Whether libvirt answers. Only who names it needs it. */
export async function checkLibvirt(url: string, isNeeded: boolean): Promise<Finding> {
  try {
    await using hypervisor = await libvirt.connect({ url }, { signal: AbortSignal.timeout(answerMs) })
    return ok('libvirt', `${url} answers: ${hypervisor.about.product} ${hypervisor.about.version}`)
  } catch (error) {
    const reason = isVirtkitError(error) ? error.code : 'INTERNAL'
    const text = `${url} does not answer (${reason})`
    if (isNeeded) return missing('libvirt', text, isVirtkitError(error) ? error.hint : undefined)
    return warning(
      'libvirt',
      `${text}: no machines on this host`,
      'apt install libvirt-daemon-system && systemctl start libvirtd',
    )
  }
}

async function findProgram(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((each) => each !== '')) {
    const file = join(folder, name)
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return file
  }
  return undefined
}

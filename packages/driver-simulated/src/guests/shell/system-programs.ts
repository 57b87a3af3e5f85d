import type { ProgramInput, ProgramResult, ShellProgram } from './shell-host.ts'

const done: ProgramResult = { status: 0 }
export const wantsFolder = '/etc/systemd/system/multi-user.target.wants'

/** Programs that change what we do not keep (packages, boot loader, services that run): they succeed and do nothing. */
const withoutEffect =
  'apt-get apt apt-cache apt-install dpkg dpkg-reconfigure dnf yum rpm snap update-grub grub-install update-initramfs dracut ' +
  'restorecon chcon setenforce useradd usermod chpasswd passwd userdel groupadd locale-gen timedatectl hostnamectl hostname ' +
  'ifup ifdown ip netplan nmcli resolvectl sync mount umount swapoff swapon wipefs blkdiscard dd logger udevadm modprobe ' +
  'anna-install debconf-set debconf-set-selections log-output killall kill poweroff reboot shutdown parted sgdisk mkfs.ext4'

/** Runs a command in the system being installed, after options and their values. */
const inTarget =
  (skip: (args: readonly string[]) => readonly string[]): ShellProgram =>
  (args, input) => {
    const { target } = input.host
    if (!target) return { status: 127, error: 'sh: there is no target system' }
    return input.run(skip(args), target.host, input.stdin)
  }

const shell: ShellProgram = async (args, input) => {
  const options = args.findIndex((arg) => !arg.startsWith('-'))
  const [first, ...rest] = options === -1 ? [] : args.slice(options)
  const flags = args.slice(0, Math.max(options, 0)).join('')
  if (first === undefined) return { ...(await input.script(input.stdin, [])), readsInput: true }
  if (flags.includes('c')) return input.script(first, rest.slice(1))
  const text = input.host.files.read(first)
  return text === undefined ? { status: 127, error: `sh: ${first}: No such file or directory` } : input.script(text, rest)
}

const systemctl: ShellProgram = (args, { host: { files } }) => {
  const [verb, ...names] = args.filter((arg) => !arg.startsWith('-'))
  for (const name of names) {
    const unit = name.includes('.') ? name : `${name}.service`
    if (verb === 'disable') files.remove(`${wantsFolder}/${unit}`)
    if (verb !== 'enable') continue
    const path = ['/etc/systemd/system', '/usr/lib/systemd/system'].find(
      (folder) => files.read(`${folder}/${unit}`) !== undefined,
    )
    // Units of packages are not among our files; only a unit that someone was to write is missed.
    if (path === undefined && unit.startsWith('virtkit'))
      return { status: 1, error: `systemctl: unit ${unit} does not exist` }
    files.write(`${wantsFolder}/${unit}`, `-> ${path ?? '/usr/lib/systemd/system'}/${unit}\n`)
  }
  return done
}

/** A program that runs another, after as many words of its own as `own` says. */
const wrapper =
  (own: (args: readonly string[]) => number): ShellProgram =>
  (args, input: ProgramInput) =>
    input.run(args.slice(own(args)), input.host, input.stdin)

const firstPlain = (args: readonly string[]): number =>
  Math.max(
    0,
    args.findIndex((arg) => !/^-|=/.test(arg)),
  )

export const systemPrograms: Readonly<Record<string, ShellProgram>> = {
  ...Object.fromEntries(withoutEffect.split(' ').map((name) => [name, (): ProgramResult => done])),
  sh: shell,
  bash: shell,
  dash: shell,
  systemctl,
  sleep: async ([time = '0'], { host }) => {
    const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(time) ?? []
    if (amount === undefined) return { status: 1, error: 'sleep: invalid time interval' }
    await host.clock.sleep(Number(amount) * ({ m: 60_000, h: 3_600_000 }[unit] ?? 1000), host.signal)
    return done
  },
  date: (_, { host }) => ({ ...done, out: `${new Date(host.clock.now()).toISOString()}\n` }),
  uname: () => ({ ...done, out: 'Linux\n' }),
  id: () => ({ ...done, out: '0\n' }),
  chroot: inTarget((args) => args.slice(1)),
  'in-target': inTarget((args) => args),
  curtin: (args, input) => {
    if (args[0] !== 'in-target') return { status: 2, error: 'curtin: only in-target is known' }
    const at = args.indexOf('--')
    return inTarget(() =>
      args.slice(at === -1 ? args.findIndex((arg, index) => index > 0 && !arg.startsWith('-')) : at + 1),
    )(args, input)
  },
  env: wrapper(firstPlain),
  nohup: wrapper(() => 0),
  setsid: wrapper(firstPlain),
  timeout: wrapper((args) => firstPlain(args) + 1),
  'list-devices': ([kind]) => ({ ...done, out: kind === 'disk' ? '/dev/vda\n' : '' }),
  lsblk: () => ({ ...done, out: 'vda disk\n' }),
}

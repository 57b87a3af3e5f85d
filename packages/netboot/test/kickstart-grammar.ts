/**
 * What kickstart files may say, as far as ours say anything: written by us from Anaconda's documentation
 * (https://pykickstart.readthedocs.io/en/latest/kickstart-docs.html, and Red Hat's of RHEL 9 and 10). It is no replacement for
 * `ksvalidator`, which Debian 12 does not pack: it knows the commands below and calls everything else a mistake.
 */

type Value = RegExp | 'flag'

interface Command {
  readonly options: Readonly<Record<string, Value>>
  /** What stands beside the options: how many, and how each looks. */
  readonly words?: { readonly least: number; readonly most: number; readonly pattern: RegExp }
  readonly needs?: readonly string[]
  /** Options of which only one may be there. */
  readonly either?: readonly (readonly string[])[]
  readonly isRepeatable?: boolean
}

const name = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const names = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:,[A-Za-z0-9][A-Za-z0-9._-]*)*$/
const url = /^(?:https?|ftp):\/\/[^\s]+$/
const four = /^\d{1,3}(?:\.\d{1,3}){3}$/
const six = /^[0-9a-f:]+$/i
const addresses = /^[0-9a-f:.]+(?:,[0-9a-f:.]+)*$/i
const nothing: Command = { options: {} }

const commands: Readonly<Record<string, Command>> = {
  text: nothing,
  reboot: nothing,
  zerombr: nothing,
  lang: { options: {}, words: { least: 1, most: 1, pattern: /^[A-Za-z]+(?:_[A-Z]{2})?(?:\.[\w-]+)?(?:@\w+)?$/ } },
  keyboard: { options: { '--xlayouts': /^[a-z-]+(?: \([\w-]+\))?$/ }, needs: ['--xlayouts'] },
  timezone: { options: { '--utc': 'flag' }, words: { least: 1, most: 1, pattern: /^[\w+-]+(?:\/[\w+-]+)*$/ } },
  rootpw: { options: { '--iscrypted': 'flag' }, words: { least: 1, most: 1, pattern: /^\$[\w$./=,-]+$/ } },
  sshkey: {
    options: { '--username': name },
    words: { least: 1, most: 1, pattern: /^\S+ [A-Za-z0-9+/=]+/ },
    needs: ['--username'],
    isRepeatable: true,
  },
  firewall: { options: { '--enabled': 'flag', '--service': names } },
  selinux: {
    options: { '--enforcing': 'flag', '--permissive': 'flag', '--disabled': 'flag' },
    either: [['--enforcing', '--permissive', '--disabled']],
  },
  services: { options: { '--enabled': names, '--disabled': names } },
  firstboot: { options: { '--disable': 'flag', '--enable': 'flag' }, either: [['--disable', '--enable']] },
  network: {
    options: {
      '--device': /^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[\w.-]+)$/,
      '--onboot': /^(?:yes|no)$/,
      '--activate': 'flag',
      '--bootproto': /^(?:dhcp|static)$/,
      '--ip': four,
      '--netmask': four,
      '--gateway': four,
      '--nodefroute': 'flag',
      '--noipv4': 'flag',
      '--noipv6': 'flag',
      '--ipv6': /^(?:[0-9a-f:]+(?:\/\d{1,3})?|auto|dhcp)$/i,
      '--ipv6gateway': six,
      '--nameserver': addresses,
      // RHEL 9.3, Fedora 39 and later.
      '--ipv4-dns-search': names,
      '--ipv6-dns-search': names,
      '--hostname': names,
    },
    needs: ['--device'],
    either: [
      ['--noipv4', '--ip'],
      ['--noipv4', '--ipv4-dns-search'],
      ['--noipv6', '--ipv6'],
      ['--noipv6', '--ipv6-dns-search'],
    ],
    isRepeatable: true,
  },
  url: { options: { '--url': url }, needs: ['--url'] },
  repo: { options: { '--name': name, '--baseurl': url }, needs: ['--name', '--baseurl'], isRepeatable: true },
  clearpart: { options: { '--all': 'flag', '--none': 'flag', '--initlabel': 'flag' }, either: [['--all', '--none']] },
  autopart: {
    options: { '--type': /^(?:lvm|btrfs|plain|thinp)$/, '--fstype': /^(?:ext[234]|xfs)$/, '--nohome': 'flag' },
  },
  bootloader: { options: { '--timeout': /^\d+$/ } },
  '%include': { options: {}, words: { least: 1, most: 1, pattern: /^\// }, isRepeatable: true },
}

/** Sections, with the options of their first line; all but `%packages` hold a script. */
const sections: Readonly<Record<string, readonly string[]>> = {
  '%packages': [],
  '%pre': ['--erroronfail'],
  '%pre-install': ['--erroronfail'],
  '%post': ['--erroronfail'],
  '%onerror': [],
}

/** Without these Anaconda stops and asks. */
const required = ['lang', 'keyboard', 'timezone', 'rootpw', 'url', 'clearpart', 'autopart', 'bootloader', '%packages']

export interface CheckedKickstart {
  readonly problems: readonly string[]
  readonly scripts: readonly string[]
}

/** `read` splits a line as a shell does (Python's shlex, as Anaconda). */
export function checkKickstart(text: string, read: (line: string) => readonly string[]): CheckedKickstart {
  const problems: string[] = []
  const seen = new Set<string>()
  const scripts: string[] = []
  let inside: { readonly name: string; readonly lines: string[] } | undefined
  for (const line of text.split('\n')) {
    if (inside) {
      if (line !== '%end') {
        inside.lines.push(line)
        continue
      }
      if (inside.name === '%packages') problems.push(...inside.lines.flatMap(packageProblem))
      else scripts.push(inside.lines.join('\n'))
      inside = undefined
      continue
    }
    if (line === '' || line.startsWith('#')) continue
    const [first = '', ...words] = read(line)
    const options = sections[first]
    if (options) {
      inside = { name: first, lines: [] }
      for (const word of words) if (!options.includes(word)) problems.push(`${first} has no ${word}`)
    } else problems.push(...commandProblems(first, words, seen))
    seen.add(first)
  }
  if (inside) problems.push(`${inside.name} has no %end`)
  for (const each of required) if (!seen.has(each)) problems.push(`${each} is missing`)
  return { problems, scripts }
}

function commandProblems(first: string, words: readonly string[], seen: ReadonlySet<string>): string[] {
  const command = commands[first]
  if (!command) return [`there is no command ${first}`]
  const problems: string[] = []
  const given = new Map<string, string | undefined>()
  const plain = words.filter((word) => !word.startsWith('--'))
  if (seen.has(first) && command.isRepeatable !== true) problems.push(`${first} is there twice`)
  for (const word of words) {
    if (!word.startsWith('--')) continue
    const [option = '', value] = splitOption(word)
    if (given.has(option)) problems.push(`${first} has ${option} twice`)
    given.set(option, value)
    const kind = command.options[option]
    if (kind === undefined) problems.push(`${first} has no ${option}`)
    else if (kind === 'flag') {
      if (value !== undefined) problems.push(`${first} ${option} takes no value`)
    } else if (value === undefined || !kind.test(value)) problems.push(`${first} ${option} cannot be ${value}`)
  }
  const { least, most, pattern } = command.words ?? { least: 0, most: 0, pattern: /^/ }
  if (plain.length < least || plain.length > most) problems.push(`${first} has ${plain.length} words`)
  for (const word of plain) if (!pattern.test(word)) problems.push(`${first} cannot be ${word}`)
  for (const option of command.needs ?? []) if (!given.has(option)) problems.push(`${first} needs ${option}`)
  for (const group of command.either ?? []) {
    if (group.filter((option) => given.has(option)).length > 1) problems.push(`${first} has ${group.join(' and ')}`)
  }
  const isStatic = given.get('--bootproto') === 'static'
  if (isStatic && !(given.has('--ip') && given.has('--netmask'))) problems.push('network is static without an address')
  return problems
}

function splitOption(word: string): readonly [string, string | undefined] {
  const at = word.indexOf('=')
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

/** A package, a group (`@`) or an environment (`@^`); a `-` in front leaves it out. */
function packageProblem(line: string): string[] {
  return line === '' || /^(?:-?@?|@\^)[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(line) ? [] : [`%packages cannot have ${line}`]
}

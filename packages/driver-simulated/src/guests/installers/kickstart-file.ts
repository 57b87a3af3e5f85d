import { GuestStopped } from '../guest-context.ts'

export interface KickstartCommand {
  readonly name: string
  readonly words: readonly string[]
}

export interface KickstartSection {
  /** `%pre`, `%post`, `%packages`, … */
  readonly name: string
  readonly options: readonly string[]
  readonly body: string
}

export interface Kickstart {
  readonly commands: readonly KickstartCommand[]
  readonly sections: readonly KickstartSection[]
  /** Files that `%include` names outside of sections. */
  readonly includes: readonly string[]
}

const sections = [
  '%pre',
  '%pre-install',
  '%post',
  '%onerror',
  '%traceback',
  '%packages',
  '%addon',
  '%anaconda',
  '%certificate',
]

const commands = new Set(
  (
    'auth authconfig authselect autopart autostep bootc bootloader btrfs cdrom clearpart cmdline driverdisk eula fcoe firewall ' +
    'firstboot graphical group halt harddrive hmc ignoredisk interactive iscsi iscsiname keyboard lang liveimg logging logvol ' +
    'mediacheck module mount network nfs nvdimm ostreecontainer ostreesetup part partition poweroff raid realm reboot repo ' +
    'reqpart rescue rhsm rootpw selinux services shutdown skipx snapshot sshkey sshpw syspurpose text timesource timezone ' +
    'updates upgrade url user vnc volgroup xconfig zerombr zfcp zipl'
  ).split(' '),
)

/** Reads a kickstart file as pykickstart does: an unknown command, or a section without `%end`, is an error. Throws `GuestStopped`. */
export function readKickstart(text: string): Kickstart {
  const result = { commands: [] as KickstartCommand[], sections: [] as KickstartSection[], includes: [] as string[] }
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const [name, ...words] = splitWords(line, at)
    if (name === undefined) continue
    if (name === '%include') result.includes.push(words[0] ?? '')
    else if (name.startsWith('%')) {
      if (!sections.includes(name)) wrong(at, `unknown section ${name}`)
      const end = lines.findIndex((candidate, index) => index > at && candidate.trimEnd() === '%end')
      const next = lines.findIndex((candidate, index) => index > at && sections.includes(candidate.split(/\s/, 1)[0] ?? ''))
      if (end === -1 || (next !== -1 && next < end)) wrong(at, `the section ${name} does not end with %end`)
      result.sections.push({ name, options: words, body: lines.slice(at + 1, end).join('\n') })
      at = end
    } else {
      if (!commands.has(name)) wrong(at, `unknown command ${name}`)
      result.commands.push({ name, words })
    }
  }
  return result
}

/** The value of `--name=value` or `--name value`. */
export function optionOf(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`))
  const word = words[at]
  if (word === undefined) return undefined
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[at + 1]
}

/** Splits a line into words as a POSIX shell quotes them; `#` begins a comment. */
function splitWords(line: string, at: number): string[] {
  const words: string[] = []
  const pattern = /\s*(#.*$|(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+)/gsy
  let end = 0
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    end = pattern.lastIndex
    const [, word = ''] = match
    if (word.startsWith('#')) break
    words.push(
      word.replaceAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs, (_, single?: string, double?: string, escaped?: string) =>
        double === undefined ? (single ?? escaped ?? '') : double.replaceAll(/\\(["\\$`])/g, '$1'),
      ),
    )
  }
  if (line.slice(end).trim() !== '') wrong(at, 'a quote is not closed')
  return words
}

function wrong(at: number, problem: string): never {
  throw new GuestStopped(`The kickstart file is not valid: line ${at + 1}: ${problem}`)
}

import { execFileSync } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import { type InstallPlan, Secret } from '@virtkit/spi'
import { XMLParser } from 'fast-xml-parser'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import * as grammars from '../src/plan/grammars.ts'
import { renderAlpineAnswers } from '../src/templates/alpine-answers.ts'
import { renderAlpineOverlay } from '../src/templates/alpine-overlay.ts'
import { renderAutoinstall } from '../src/templates/autoinstall.ts'
import { renderAutoyast } from '../src/templates/autoyast.ts'
import { renderInstallerConfig } from '../src/templates/installer-config.ts'
import { renderKickstart } from '../src/templates/kickstart.ts'
import { renderPreseed } from '../src/templates/preseed.ts'
import { renderUnattend } from '../src/templates/unattend.ts'
import { anyPlan, hostileLine } from './any-plan.ts'
import { releaseOf, urls } from './plans.ts'

const numRuns = 40
const fullName = ({ hostname, domain }: InstallPlan): string => (domain === undefined ? hostname : `${hostname}.${domain}`)
const sh = (script: string): string => execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
const ipv4First = anyPlan(grammars.debPackage)

test('preseed: each answer is the value of the plan, and a shell reads the keys from the late command', () => {
  const plans = fc.property(anyPlan(grammars.debPackage), (plan) => {
    const text = renderPreseed(plan, releaseOf('preseed', 'debian-12'), urls)
    const answers = new Map(
      text
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => /^(\S+) (\S+) (\S+)(?: (.*))?$/.exec(line)!)
        .map(([, owner, question, , value]) => [`${owner} ${question}`, value ?? '']),
    )
    expect(answers.get('d-i netcfg/get_hostname')).toBe(plan.hostname)
    expect(answers.get('d-i netcfg/get_domain')).toBe(plan.domain ?? '')
    expect(answers.get('d-i debian-installer/locale')).toBe(plan.locale)
    expect(answers.get('d-i keyboard-configuration/xkb-keymap')).toBe(plan.keyboard)
    expect(answers.get('d-i time/zone')).toBe(plan.timezone)
    expect(answers.get('d-i passwd/root-password-crypted')).toBe(plan.rootPasswordHash.reveal())
    const packages = answers.get('d-i pkgsel/include')!.split(' ')
    expect(new Set(packages)).toEqual(new Set(['openssh-server', 'ca-certificates', 'wget', ...plan.packages]))
    if (plan.sshKeys.length > 0) {
      const printed = writtenTo('/target/root/.ssh/authorized_keys', answers.get('d-i preseed/late_command')!)
      expect(sh(printed)).toBe(`${plan.sshKeys.join('\n')}\n`)
    }
  })
  fc.assert(plans, { numRuns })
})

test('kickstart: the words that Python reads, as Anaconda does, are the values of the plan', () => {
  const plans = fc.sample(anyPlan(grammars.rpmPackage), { numRuns, seed: 11 })
  const texts = plans.map((plan) => renderKickstart(plan, releaseOf('kickstart', 'rocky-9'), urls))
  const program = `
import json, shlex, sys
def read(text):
    commands, sections, inside = [], [], None
    for line in text.split('\\n'):
        if line.startswith('%end'): inside = None
        elif line.startswith('%include'): pass
        elif inside is not None: inside.append(line)
        elif line.startswith('%'):
            inside = []
            sections.append([line, inside])
        elif line and not line.startswith('#'): commands.append(shlex.split(line, comments=True))
    return [commands, sections]
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
`
  const input = JSON.stringify(texts)
  const read = JSON.parse(execFileSync('/usr/bin/python3', ['-c', program], { input, encoding: 'utf8' })) as [
    commands: string[][],
    sections: [head: string, lines: string[]][],
  ][]
  read.forEach(([commands, sections], index) => {
    const plan = plans[index]!
    const named = (name: string): string[][] => commands.filter(([first]) => first === name).map((words) => words.slice(1))
    expect(named('lang')).toEqual([[plan.locale]])
    expect(named('keyboard')).toEqual([[`--xlayouts=${plan.keyboard}`]])
    expect(named('timezone')).toEqual([[plan.timezone, '--utc']])
    expect(named('rootpw')).toEqual([['--iscrypted', plan.rootPasswordHash.reveal()]])
    expect(named('sshkey')).toEqual(plan.sshKeys.map((key) => ['--username=root', key]))
    expect(named('network')[0]).toContain(`--hostname=${fullName(plan)}`)
    expect(named('url')[0]?.[0]).toMatch(`--url=${plan.mirror!.replace(/\/+$/, '')}/`)
    const [, packages] = sections.find(([head]) => head === '%packages')!
    expect(new Set(packages)).toEqual(new Set(['@core', 'curl', 'openssh-server', ...plan.packages]))
    expect(sections.map(([head]) => head)).toEqual(['%pre', '%pre-install', '%packages', '%post --erroronfail', '%onerror'])
  })
})

test('autoinstall: a YAML parser finds the values of the plan and nothing beside them', () => {
  const plans = fc.property(ipv4First, (plan) => {
    const { userData, metaData } = renderAutoinstall(plan, releaseOf('autoinstall', 'ubuntu-24.04'), urls)
    const { autoinstall, ...others } = parseYaml(userData, { version: '1.1' })
    expect(others).toEqual({})
    expect(autoinstall).toMatchObject({
      locale: plan.locale,
      keyboard: { layout: plan.keyboard },
      timezone: plan.timezone,
      apt: { primary: [{ uri: plan.mirror!.replace(/\/+$/, '') }] },
      packages: [...new Set(['curl', ...plan.packages])],
      'user-data': { hostname: plan.hostname },
    })
    const [root, ...more] = autoinstall['user-data'].users
    expect(more).toEqual([])
    expect(root.hashed_passwd).toBe(plan.rootPasswordHash.reveal())
    expect(root.ssh_authorized_keys ?? []).toEqual(plan.sshKeys)
    const { ethernets } = autoinstall.network
    expect(Object.keys(ethernets)).toEqual(['virtkit0', 'virtkit1'])
    for (const [index, network] of plan.networks.entries()) {
      const own = [network.static, network.static6].flatMap((each) => (each ? [`${each.address}/${each.prefix}`] : []))
      const ethernet = ethernets[`virtkit${index}`]
      expect(ethernet.addresses ?? []).toEqual(own)
      expect(ethernet.nameservers?.search ?? []).toEqual(network.searchDomains)
      const ways = (ethernet.routes ?? []).filter(({ to }: { to: string }) => !/^(?:0\.0\.0\.0|::)\/0$/.test(to))
      expect(ways).toEqual(network.routes ?? [])
    }
    expect(parseYaml(metaData)['local-hostname']).toBe(plan.hostname)
  })
  fc.assert(plans, { numRuns })
})

test('AutoYaST: an XML parser finds the values of the plan', () => {
  const plans = fc.property(anyPlan(grammars.rpmPackage), (plan) => {
    const { profile } = readXml(renderAutoyast(plan, releaseOf('autoyast', 'opensuse-tumbleweed'), urls))
    expect(textOf(profile.language.language)).toBe(plan.locale.replace(/[.@].*/, ''))
    expect(textOf(profile.keyboard.keymap)).toBe(plan.keyboard)
    expect(textOf(profile.timezone.timezone)).toBe(plan.timezone)
    expect(textOf(profile.networking.dns.hostname)).toBe(plan.hostname)
    expect(listOf(profile.networking.dns.searchlist, 'search')).toEqual([
      ...new Set(plan.networks.flatMap((network) => network.searchDomains)),
    ])
    const user = profile.users.user
    expect(textOf(user.user_password)).toBe(plan.rootPasswordHash.reveal())
    expect(listOf(user.authorized_keys, 'listentry')).toEqual(plan.sshKeys)
    const names = plan.packages.filter((name) => !name.startsWith('@'))
    expect(listOf(profile.software.packages, 'package')).toEqual([...new Set(['curl', 'openssh', ...names])])
    expect([profile.networking.interfaces.interface].flat()).toHaveLength(plan.networks.length)
    const [pre, chroot] = [profile.scripts['pre-scripts'].script, profile.scripts['chroot-scripts'].script]
    for (const { source } of [pre, chroot]) execFileSync('/bin/sh', ['-n'], { input: textOf(source) })
    expect(textOf(chroot.source)).toContain('phase=finishing')
  })
  fc.assert(plans, { numRuns: 10 })
})

test('Alpine: a shell that reads the answers has the values of the plan in its variables', () => {
  const plans = fc.property(ipv4First, (plan) => {
    const answers = renderAlpineAnswers(plan, releaseOf('alpine', 'alpine-3.22'))
    const names = ['KEYMAPOPTS', 'HOSTNAMEOPTS', 'TIMEZONEOPTS', 'APKREPOSOPTS', 'DISKOPTS', 'INTERFACESOPTS']
    const show = `printf '%s\\001' ${names.map((name) => `"$${name}"`).join(' ')}; set | grep -c OPTS=`
    const values = sh(`disk=/dev/vda card0=eth0 card1=eth1\n${answers}\n${show}`).split('\u0001')
    const [keymap, host, zone, repositories, disk, interfaces, count] = values
    expect(keymap).toBe(`${plan.keyboard} ${plan.keyboard}`)
    expect(host).toBe(`-n ${fullName(plan)}`)
    expect(zone).toBe(`-z ${plan.timezone}`)
    const mirror = plan.mirror!.replace(/\/+$/, '')
    expect(repositories).toBe(`${mirror}/v3.22/main ${mirror}/v3.22/community`)
    expect(disk).toBe('-m sys /dev/vda')
    expect(count?.trim()).toBe('13')
    for (const [index, network] of plan.networks.entries()) {
      expect(interfaces).toContain(`auto eth${index}\niface eth${index} inet ${network.static ? 'static' : 'dhcp'}\n`)
      for (const { to, via } of network.routes ?? [])
        expect(interfaces).toContain(`route replace ${to} via ${via} dev $IFACE`)
    }
  })
  fc.assert(plans, { numRuns: 10 })
})

test('Alpine: the overlay is an archive that tar unpacks, whose scripts a shell can read', () => {
  const plans = fc.property(ipv4First, (plan) => {
    const overlay = renderAlpineOverlay(plan, releaseOf('alpine', 'alpine-3.22'), urls)
    const tar = (...more: string[]): string =>
      execFileSync('tar', [...more], { input: gunzipSync(overlay), encoding: 'utf8' })
    expect(tar('-t')).toBe(
      'etc/.default_boot_services\netc/runlevels/default/local\netc/virtkit/answers\netc/virtkit/installed.start\netc/local.d/virtkit.start\n',
    )
    const start = tar('-xO', 'etc/local.d/virtkit.start')
    execFileSync('/bin/sh', ['-n'], { input: start })
    execFileSync('/bin/sh', ['-n'], { input: tar('-xO', 'etc/virtkit/installed.start') })
    const password = start.split('\n').find((line) => line.endsWith(' | chpasswd -e'))!
    expect(sh(password.replace(/ \| chpasswd -e$/, ''))).toBe(`root:${plan.rootPasswordHash.reveal()}\n`)
    if (plan.sshKeys.length > 0) {
      expect(sh(writtenTo('/root/.ssh/authorized_keys', start))).toBe(`${plan.sshKeys.join('\n')}\n`)
    }
  })
  fc.assert(plans, { numRuns: 5 })
})

test('FreeBSD: both parts are scripts that a shell can read, and what they set are the values of the plan', () => {
  const plans = fc.property(anyPlan(grammars.debPackage), (plan) => {
    const text = renderInstallerConfig(plan, releaseOf('bsdinstall', 'freebsd-14.3'), urls)
    // bsdinstall splits at each line that begins so.
    const [preamble = '', setup = '', ...more] = text.split(/^#!.*\n/m)
    expect(more).toEqual([])
    for (const input of [preamble, setup]) execFileSync('/bin/sh', ['-n'], { input })
    const set = setup.split('\n').filter((line) => line.startsWith('sysrc '))
    const words = sh(`sysrc() { printf '%s\\001' "$*"; }\ncard=vtnet0\n${set.join('\n')}`).split('\u0001')
    expect(words).toContain(`hostname=${fullName(plan)}`)
    expect(words).toContain(`keymap=${plan.keyboard}`)
    plan.networks.forEach(({ routes = [] }, index) => {
      routes.forEach(({ to, via }, at) => {
        const name = to.includes(':') ? 'ipv6_route' : 'route'
        expect(words).toContain(`${name}_virtkit${index}x${at}=-net ${to} ${via}`)
      })
    })
    const password = setup.split('\n').find((line) => line.endsWith('| pw usermod root -H 0'))!
    expect(sh(password.replace(/\|[^|]*$/, ''))).toBe(`${plan.rootPasswordHash.reveal()}\n`)
    if (plan.sshKeys.length > 0) {
      expect(sh(writtenTo('/root/.ssh/authorized_keys', setup))).toBe(`${plan.sshKeys.join('\n')}\n`)
    }
  })
  fc.assert(plans, { numRuns: 10 })
})

test('Windows: the XML has the values of the plan, the password under its coat, and the keys in the script as literals', () => {
  const short = { ...grammars.hostname, maxLength: 15 }
  const plans = fc.property(anyPlan(grammars.debPackage, short), hostileLine, (plan, secret) => {
    const password = `p${secret}`.slice(0, 100).replace(/[\uD800-\uDBFF]$/, '')
    const windows = { administratorPassword: new Secret(password), timeZone: 'W. Europe Standard Time' }
    const { autounattend } = renderUnattend(plan, releaseOf('unattend', 'windows-server-2022'), urls, windows)
    const passes = [readXml(autounattend).unattend.settings].flat()
    const component = (pass: string, name: string) =>
      [passes.find((each) => each['@_pass'] === pass).component].flat().find((each) => each['@_name'] === name)
    expect(textOf(component('specialize', 'Microsoft-Windows-Shell-Setup').ComputerName)).toBe(plan.hostname)
    const shell = component('oobeSystem', 'Microsoft-Windows-Shell-Setup')
    const coated = Buffer.from(textOf(shell.UserAccounts.AdministratorPassword.Value), 'base64').toString('utf16le')
    expect(coated).toBe(`${password}AdministratorPassword`)
    const cards = [component('specialize', 'Microsoft-Windows-TCPIP').Interfaces.Interface].flat()
    expect(cards.map((card) => textOf(card.Identifier))).toEqual(['52-54-00-00-00-01', '52-54-00-00-00-02'])
    const command = textOf(shell.FirstLogonCommands.SynchronousCommand.CommandLine)
    const script = Buffer.from(command.split(' ').at(-1)!, 'base64').toString('utf16le')
    const literals = powerShellLiterals(script)
    for (const key of plan.sshKeys) expect(literals).toContain(key)
    // Outside of literals stands nothing that a plan could have brought.
    const known = literals.filter((text) => !plan.sshKeys.includes(text) && !plan.packages.includes(text))
    expect(
      known.every((text) => /^(?:Stop|phase=.*|http:\/\/10\.20\.0\.2.*|\\ssh\\.*|Administrators:F|SYSTEM:F)$/.test(text)),
    ).toBe(true)
  })
  fc.assert(plans, { numRuns })
})

/** The command in a script that writes a file, without its redirection. */
function writtenTo(path: string, script: string): string {
  const at = script.indexOf(` > ${path}`)
  const from = script.lastIndexOf(`printf '%s\\n' 'ss`, at)
  const other = script.lastIndexOf(`printf '%s\\n' 'sk`, at)
  return script.slice(Math.min(...[from, other].filter((each) => each >= 0)), at)
}

function readXml(text: string) {
  return new XMLParser({ ignoreAttributes: false, parseTagValue: false, trimValues: false }).parse(text)
}

/** Attributes, or none: an element's text. */
function textOf(element: string | { '#text'?: string }): string {
  return typeof element === 'string' ? element : (element['#text'] ?? '')
}

function listOf(element: object | string | undefined, name: string): string[] {
  const items = typeof element === 'object' && name in element ? (element as Record<string, unknown>)[name] : []
  return [items].flat().map((item) => textOf(item as string))
}

/** What stands between single quotes, by about_Quoting_Rules: typographic quotes are quotes, and two in a row are one. */
function powerShellLiterals(script: string): string[] {
  const quote = "['\u2018\u2019\u201A\u201B]"
  const literal = new RegExp(`${quote}((?:${quote}${quote}|[^'\u2018\u2019\u201A\u201B])*)${quote}`, 'gu')
  return [...script.matchAll(literal)].map(([, text = '']) => text.replaceAll(new RegExp(`(${quote})${quote}`, 'gu'), '$1'))
}

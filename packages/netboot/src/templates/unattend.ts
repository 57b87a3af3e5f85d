import { type InputProblem, type InstallPlan, type Secret, invalidInput } from '@virtkit/spi'
import type { UnattendRelease } from '../catalog/netboot-release.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import { type PlanValues, parsePlan } from '../plan/plan-values.ts'
import { powerShellReport } from './report-commands.ts'
import { unattendDisk } from './unattend-disk.ts'
import { unattendNetworks } from './unattend-network.ts'
import { type XmlElement, renderXml, xml } from './xml.ts'

/** What Windows wants in words of its own. */
export interface WindowsSettings {
  /** Windows takes no crypt(3) hash: the password itself stands in the answer file, under a coat of base64. */
  readonly administratorPassword: Secret
  /** `W. Europe Standard Time`. Default: `UTC`, and only for a plan whose `timezone` is UTC too. */
  readonly timeZone?: string
  /** `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`. Left out: Windows asks for none and is to be activated later. */
  readonly productKey?: string
  /** The name in `install.wim`. Default: the release's. */
  readonly imageName?: string
}

export interface UnattendFiles {
  /** `autounattend.xml`, at the root of any medium in the machine. */
  readonly autounattend: string
  /** `$OEM$/$$/Setup/Scripts/ErrorHandler.cmd` beside Windows' `sources`: Setup runs it when it cannot go on. */
  readonly errorHandler: string
}

/**
 * The answers of Windows Setup: the first disk by the machine's firmware, names, networks, routes, the administrator's password and
 * keys. https://learn.microsoft.com/windows-hardware/customize/desktop/unattend/
 *
 * `plan.packages` are names of Windows features. Throws `INVALID_INPUT` naming the field of the plan, or of `windows`.
 */
export function renderUnattend(
  plan: InstallPlan,
  release: UnattendRelease,
  urls: GuestUrls,
  windows: WindowsSettings,
): UnattendFiles {
  const values = parsePlan(plan, release)
  const timeZone = checkSettings(values, windows)
  const root = xml(
    'unattend',
    [
      settings('windowsPE', [
        component('Microsoft-Windows-International-Core-WinPE', [
          xml('SetupUILanguage', [xml('UILanguage', 'en-US')]),
          ...international(values),
        ]),
        component('Microsoft-Windows-Setup', [unattendDisk(values.firmware), ...setup(values.firmware, windows, release)]),
      ]),
      settings('specialize', [
        component('Microsoft-Windows-Shell-Setup', [xml('ComputerName', values.hostname), xml('TimeZone', timeZone)]),
        ...unattendNetworks(values).map(({ name, content }) => component(name, content)),
        component('Microsoft-Windows-Deployment', [specializing(urls)]),
      ]),
      settings('oobeSystem', [
        component('Microsoft-Windows-International-Core', international(values)),
        component('Microsoft-Windows-Shell-Setup', [
          xml('OOBE', [xml('HideEULAPage', 'true'), xml('ProtectYourPC', '3')]),
          xml('UserAccounts', [password('AdministratorPassword', windows.administratorPassword)]),
          xml('AutoLogon', [
            password('Password', windows.administratorPassword),
            xml('Enabled', 'true'),
            xml('LogonCount', '1'),
            xml('Username', 'Administrator'),
          ]),
          xml('FirstLogonCommands', [firstLogon(values, urls)]),
        ]),
      ]),
    ],
    { xmlns: 'urn:schemas-microsoft-com:unattend', 'xmlns:wcm': 'http://schemas.microsoft.com/WMIConfig/2002/State' },
  )
  const failed = powerShellReport(urls, { phase: 'failed', detail: 'Windows Setup stopped with an error' })
  return { autounattend: renderXml(root), errorHandler: `@echo off\r\n${powerShell(failed)}\r\n` }
}

function checkSettings(values: PlanValues, windows: WindowsSettings): string {
  const problems: InputProblem[] = []
  const { administratorPassword, timeZone, productKey, imageName } = windows
  // The value itself stays out of the message.
  if (!/^[^\p{C}\p{Zl}\p{Zp}]{1,127}$/u.test(administratorPassword.reveal())) {
    problems.push({ field: 'administratorPassword', problem: 'must be 1 to 127 characters in one line' })
  }
  if (timeZone !== undefined && !/^[A-Za-z0-9 .()+-]{1,64}$/.test(timeZone)) {
    const hint = "write it like 'W. Europe Standard Time'; tzutil /l lists them"
    problems.push({ field: 'timeZone', problem: 'must be the name of a Windows time zone', hint })
  }
  if (timeZone === undefined && !/^(?:Etc\/)?(?:UTC|GMT)$/.test(values.timezone)) {
    const hint = `say how Windows calls ${values.timezone}, like 'W. Europe Standard Time'`
    problems.push({ field: 'timeZone', problem: 'is needed', hint })
  }
  if (productKey !== undefined && !/^[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}$/.test(productKey)) {
    problems.push({ field: 'productKey', problem: 'must be five groups of five letters and digits' })
  }
  if (imageName !== undefined && !/^[A-Za-z0-9 ._()-]{1,120}$/.test(imageName)) {
    problems.push({ field: 'imageName', problem: 'must be the name of an image, like DISM lists it' })
  }
  if (values.hostname.length > 15) {
    const hint = 'NetBIOS names are that long: give the machine a shorter name'
    problems.push({ field: 'hostname', problem: 'must have at most 15 characters', hint })
  }
  if (problems.length > 0) throw invalidInput(problems)
  return timeZone ?? 'UTC'
}

function settings(pass: string, components: readonly XmlElement[]): XmlElement {
  return xml('settings', components, { pass })
}

function component(name: string, content: readonly (XmlElement | undefined)[]): XmlElement {
  return xml('component', content, {
    name,
    processorArchitecture: 'amd64',
    publicKeyToken: '31bf3856ad364e35',
    language: 'neutral',
    versionScope: 'nonSxS',
  })
}

/** POSIX names become BCP 47's. Windows knows keyboards by locale: that of the layout's country, where it is one, else the locale's. */
function international({ locale, keyboard }: PlanValues): XmlElement[] {
  const language = /^[a-z]{2,3}_[A-Z]{2}/.exec(locale)?.[0].replace('_', '-') ?? 'en-US'
  const layout = keyboard === 'us' ? 'en-US' : keyboard === 'gb' ? 'en-GB' : `${keyboard}-${keyboard.toUpperCase()}`
  const input = keyboard.length === 2 && language.toLowerCase().endsWith(`-${keyboard}`) ? language : layout
  return [xml('InputLocale', input), xml('SystemLocale', language), xml('UILanguage', 'en-US'), xml('UserLocale', language)]
}

function setup(
  firmware: PlanValues['firmware'],
  { productKey, imageName }: WindowsSettings,
  release: UnattendRelease,
): XmlElement[] {
  const partition = firmware === 'uefi' ? '3' : '2'
  const wanted = xml('MetaData', [xml('Key', '/IMAGE/NAME'), xml('Value', imageName ?? release.imageName)], {
    'wcm:action': 'add',
  })
  return [
    xml('ImageInstall', [
      xml('OSImage', [xml('InstallFrom', [wanted]), xml('InstallTo', [xml('DiskID', '0'), xml('PartitionID', partition)])]),
    ]),
    xml('UserData', [
      xml('AcceptEula', 'true'),
      productKey === undefined ? undefined : xml('ProductKey', [xml('Key', productKey), xml('WillShowUI', 'OnError')]),
    ]),
  ]
}

function password(name: 'AdministratorPassword' | 'Password', secret: Secret): XmlElement {
  const coated = Buffer.from(secret.reveal() + name, 'utf16le').toString('base64')
  return xml(name, [xml('Value', coated), xml('PlainText', 'false')])
}

function specializing(urls: GuestUrls): XmlElement {
  const report = powerShellReport(urls, { phase: 'installing', percent: 60, detail: 'Windows starts on its disk' })
  return xml('RunSynchronous', [
    xml('RunSynchronousCommand', [xml('Order', '1'), xml('Path', powerShell(report))], { 'wcm:action': 'add' }),
  ])
}

/** All that is left, in one script: what fails is reported, with the step; at its end the machine is ready. */
function firstLogon({ packages, sshKeys }: PlanValues, urls: GuestUrls): XmlElement {
  const steps = [
    powerShellReport(urls, { phase: 'finishing', percent: 95 }),
    ...packages.map((name) => `Install-WindowsFeature -Name '${name}' | Out-Null`),
    ...(sshKeys.length === 0 ? [] : sshServer(sshKeys)),
    powerShellReport(urls, { phase: 'ready', percent: 100 }),
  ]
  const failed = powerShellReport(urls, { phase: 'failed', detail: 'first logon' })
  const script = `$ErrorActionPreference = 'Stop'; try { ${steps.join('; ')} } catch { ${failed} }`
  return xml('SynchronousCommand', [xml('Order', '1'), xml('CommandLine', powerShell(script))], { 'wcm:action': 'add' })
}

function sshServer(keys: readonly string[]): string[] {
  const file = "$env:ProgramData + '\\ssh\\administrators_authorized_keys'"
  const words = keys.map((key) => `'${key.replaceAll(/['\u2018\u2019\u201A\u201B]/g, '$&$&')}'`)
  return [
    'Add-WindowsCapability -Online -Name OpenSSH.Server~~~~0.0.1.0 | Out-Null',
    'Set-Service sshd -StartupType Automatic',
    'Start-Service sshd',
    `Set-Content -Encoding utf8 -Path (${file}) -Value @(${words.join(', ')})`,
    `icacls.exe (${file}) /inheritance:r /grant 'Administrators:F' /grant 'SYSTEM:F' | Out-Null`,
  ]
}

/** One command line on which nothing needs quoting. */
function powerShell(script: string): string {
  return `powershell.exe -NoProfile -ExecutionPolicy Bypass -EncodedCommand ${Buffer.from(script, 'utf16le').toString('base64')}`
}

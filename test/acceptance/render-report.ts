import type { Install } from '@virtkit/core'
import type { DomainEvent } from '@virtkit/spi'
import type { ServedMirror } from './serve-mirror.ts'

export interface Outcome {
  readonly install: Install
  /** Of the machine, oldest first. */
  readonly events: readonly DomainEvent[]
  readonly served: ServedMirror
  /** What was said after the login; undefined when it did not come to that. */
  readonly session: string | undefined
}

/** The page of one run, for people. */
export function renderReport({ install, events, served, session }: Outcome): string {
  const { createdAt, endedAt = Date.now(), phase, detail } = install
  const since = (at: number): string => `${Math.round((at - createdAt) / 1000)} s`
  const progress = events
    .filter(({ type }) => type === 'install.progressed')
    .map(({ data }) => [since(Number(data['at'])), data['phase'], `${Number(data['percent'])} %`, data['detail'] ?? ''])
  const phases = install.phases.map((each) => [each.phase, since(each.startedAt)])
  const missing = [...served.missing].map((path) => `- \`${path}\``)
  const sections = [
    [
      '# Debian 12, installed unattended',
      '',
      'Written by `npm run acceptance:debian -- docs/acceptance-debian.md`. The kit boots a blank machine on a real libvirtd (QEMU in',
      'software, one processor, 1,024 MiB, a disk of 4 GiB, BIOS) from its own medium; kernel and initrd are those of Debian’s package of',
      'netboot images, held against `SHA256SUMS` and `InRelease` of the mirror by Debian’s archive key; the preseed file is ours, the',
      'mirror the one that apt is set up with, reached by the guest through a forward of the script’s own.',
    ],
    [
      session === undefined ? `## Stopped: ${phase}` : '## Passed',
      '',
      session === undefined
        ? `After ${since(endedAt)}: ${detail ?? 'no reason was told'}.`
        : `Ready after ${since(endedAt)}, and root logged in on the serial console with the password that the kit gave.`,
    ],
    ['## Phases', '', ...table(['phase', 'entered after'], phases)],
    ['## What the installer told', '', ...table(['after', 'phase', 'of all', 'what'], progress)],
    [
      '## The mirror',
      '',
      `${(served.bytes / 2 ** 20).toFixed(0)} MiB went to the guest. Answers: ${[...served.answers].map(([status, count]) => `${count} × ${status}`).join(', ')}.`,
      ...(missing.length === 0 ? [] : ['', 'It did not have:', '', ...missing]),
    ],
    session === undefined
      ? ['## The last of the console, as the kit kept it', '', ...quoted(lastOf(install.consoleTail ?? []))]
      : ['## The session', '', ...quoted(session.split(/\r?\n/))],
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string[] {
  const line = (cells: readonly unknown[]): string => `| ${cells.map(String).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

/** A screen that is drawn again and again comes as lines that repeat, between frames and with a bar of its own. */
function lastOf(lines: readonly string[]): string[] {
  const told = lines.map((line) =>
    line
      .replaceAll(/\[[0-9;]*[A-Za-z]|\([B0]/g, ' ')
      .replaceAll(/[lmkjt]?q{3,}[uktj]?| x(?= |$)/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
  return told.filter((line, at) => line !== '' && !line.startsWith('[ (1*installer)') && line !== told[at - 1]).slice(-25)
}

function quoted(lines: readonly string[]): string[] {
  return ['```text', ...lines.map((line) => line.replaceAll('```', "'''").trimEnd().slice(0, 200)), '```']
}

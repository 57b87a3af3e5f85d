import type { DomainEvent, Notice, Severity } from '@virtkit/spi'
import type { Permission } from '../access/permissions.ts'

interface NoticeRule {
  readonly severity: Severity
  /** Whoever lacks it is not told. What is about a machine is told to those who see the machine, besides. */
  readonly permission: Permission
  readonly title: (event: Words) => string
  readonly text?: (event: Words) => string
}

/** Texts of an event's data, each on one line; empty where there is none. */
type Words = (name: string) => string

const machine = (word: Words): string => word('name') || word('subject')

/** What matters, and how much. What is not here is not told to anybody. */
const rules: Readonly<Record<string, NoticeRule>> = {
  'install.ready': {
    severity: 'info',
    permission: 'machines:read',
    title: (word) => `${machine(word)} is installed`,
  },
  'install.failed': {
    severity: 'error',
    permission: 'machines:read',
    title: (word) => `The installation of ${machine(word)} failed`,
    text: (word) => word('reason'),
  },
  'machine.deleted': {
    severity: 'info',
    permission: 'machines:read',
    title: (word) => `${machine(word)} was deleted`,
  },
  'machine.deletion-postponed': {
    severity: 'warning',
    permission: 'machines:read',
    title: (word) => `${machine(word)} could not be deleted yet`,
    text: (word) => `${word('reason')} It is tried again until ${word('until')}, and then forgotten here.`.trim(),
  },
  'machine.orphaned': {
    severity: 'critical',
    permission: 'machines:read',
    title: (word) => `${machine(word)} was forgotten here and may still run on the hypervisor`,
    text: (word) =>
      `The hypervisor refused its deletion until the last. Look for ${word('ref')} there and remove it by hand.`,
  },
  'machine.imported': {
    severity: 'info',
    permission: 'machines:read',
    title: (word) => `${machine(word)} was imported`,
  },
  'operation.failed': {
    severity: 'error',
    permission: 'operations:read',
    title: (word) => `${doing(word('kind'))} failed for ${word('subject')}`,
    text: (word) => word('message'),
  },
  'operation.left-behind': {
    severity: 'critical',
    permission: 'operations:read',
    title: (word) => `${doing(word('kind'))} left something behind for ${word('subject')}`,
    text: (word) => `Undoing the step "${word('step')}" failed. Compare with the hypervisor.`,
  },
  'callback.given-up': {
    severity: 'error',
    permission: 'callbacks:read',
    title: (word) => `A callback about ${word('about')} was given up`,
    text: (word) => `${word('problem')} It is kept among the dead letters of ${word('subject')} and can be replayed.`,
  },
  'backup.made': {
    severity: 'info',
    permission: 'settings:read',
    title: () => 'A backup was made',
  },
  'backup.failed': {
    severity: 'critical',
    permission: 'settings:read',
    title: () => 'A backup failed',
    text: (word) => word('message') || word('reason'),
  },
  'backup.restored': {
    severity: 'warning',
    permission: 'settings:read',
    title: () => 'A backup was restored',
  },
  'license.installed': {
    severity: 'info',
    permission: 'license:read',
    title: (word) => `A licence for ${word('virtualMachines')} machines was installed`,
  },
  'license.removed': {
    severity: 'warning',
    permission: 'license:read',
    title: () => 'The licence was removed',
  },
  'update.scheduled': {
    severity: 'info',
    permission: 'settings:read',
    title: (word) => `The update to ${word('version')} was scheduled`,
  },
}

/** Kinds of operation whose failure an event of their own tells of, with more to say. */
const toldOtherwise: ReadonlySet<string> = new Set(['install-machine'])

/** What an event is told as, and what one must hold to be told; `undefined` for what does not matter enough. */
export function noticeOf(event: DomainEvent): { readonly notice: Notice; readonly permission: Permission } | undefined {
  const rule = Object.hasOwn(rules, event.type) ? rules[event.type] : undefined
  if (!rule) return undefined
  const data: Readonly<Record<string, unknown>> = { ...event.data, subject: event.subject }
  const word: Words = (name) => oneLine(Object.hasOwn(data, name) ? data[name] : undefined)
  if (event.type === 'operation.failed' && toldOtherwise.has(word('kind'))) return undefined
  const { severity, permission } = rule
  const notice: Notice = {
    severity,
    title: rule.title(word).slice(0, 200),
    text: rule.text?.(word) ?? '',
    subject: event.subject,
    at: event.at,
  }
  return { notice, permission }
}

/** The machine that an event is about. */
export function machineOf(subject: string): number | undefined {
  const [, key] = /^machine\/(\d{1,10})$/.exec(subject) ?? []
  return key === undefined ? undefined : Number(key)
}

/** `delete-machine` as people say it: `Delete machine`. */
function doing(kind: string): string {
  const words = kind.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Names and reasons may come from guests and hypervisors: nothing in them begins a line of its own, or goes on for ever. */
function oneLine(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 500)
}

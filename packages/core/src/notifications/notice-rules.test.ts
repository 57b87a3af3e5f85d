import type { DomainEvent } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { machineOf, noticeOf } from './notice-rules.ts'

const event = (type: string, data: Record<string, unknown> = {}, subject = 'machine/12'): DomainEvent => ({
  position: 1,
  id: 'e1',
  type,
  subject,
  at: 5,
  data,
})

describe('noticeOf', () => {
  it.each([
    ['install.ready', { name: 'web-1' }, 'info', 'web-1 is installed', ''],
    ['install.failed', { name: 'web-1', reason: 'No disk.' }, 'error', 'The installation of web-1 failed', 'No disk.'],
    ['machine.deleted', {}, 'info', 'machine/12 was deleted', ''],
    [
      'machine.deletion-postponed',
      { name: 'a', reason: 'It is locked.', until: '2026-12-04T00:00:00.000Z' },
      'warning',
      'a could not be deleted yet',
      'It is locked. It is tried again until 2026-12-04T00:00:00.000Z, and then forgotten here.',
    ],
    [
      'callback.given-up',
      { about: 'machine/7', problem: 'The receiver answered 410.' },
      'error',
      'A callback about machine/7 was given up',
      /^The receiver answered 410\. It is kept/,
    ],
    ['machine.orphaned', { name: 'a', ref: 'vm-7' }, 'critical', /^a was forgotten here/, /Look for vm-7/],
    [
      'operation.failed',
      { kind: 'delete-machine', message: 'No.' },
      'error',
      'Delete machine failed for machine/12',
      'No.',
    ],
    ['operation.left-behind', { kind: 'clone-machine', step: 'clone' }, 'critical', /^Clone machine left/, /"clone"/],
    ['backup.failed', { message: 'No space.' }, 'critical', 'A backup failed', 'No space.'],
    ['license.removed', {}, 'warning', 'The licence was removed', ''],
  ])('tells of %s', (type, data, severity, title, text) => {
    const like = (wanted: string | RegExp) => (typeof wanted === 'string' ? wanted : expect.stringMatching(wanted))
    expect(noticeOf(event(type, data))?.notice).toEqual({
      severity,
      title: like(title),
      text: like(text),
      subject: 'machine/12',
      at: 5,
    })
  })

  it('a failed installation is told of once, although it is also an operation that failed', () => {
    expect(noticeOf(event('operation.failed', { kind: 'install-machine' }))).toBeUndefined()
  })

  it.each(['operation.progressed', 'machine.updated', 'toString', 'constructor', ''])('is silent about %j', (type) => {
    expect(noticeOf(event(type))).toBeUndefined()
  })

  it('what a guest or a hypervisor says begins no line of its own, and ends', () => {
    const reason = `disk\r\nBcc: all@example.com\u2028\u0000${'x'.repeat(9999)}`
    const { notice } = noticeOf(event('install.failed', { name: `web\r\n${'y'.repeat(999)}`, reason }))!
    expect(`${notice.title}${notice.text}`).not.toMatch(/[\p{Cc}\p{Zl}]/u)
    expect(notice.text).toMatch(/^disk Bcc: all@example.com xxx/)
    expect([notice.title.length, notice.text.length]).toEqual([200, 500])
  })

  it('what is no text is not told', () => {
    expect(noticeOf(event('install.failed', { name: { toString: 'x' }, reason: ['a'] }))?.notice).toMatchObject({
      title: 'The installation of machine/12 failed',
      text: '',
    })
  })
})

it('a subject names its machine, or none', () => {
  const subjects = ['machine/12', 'machine/', 'machine/12/x', 'group/12', 'xmachine/12', 'machine/99999999999']
  expect(subjects.map(machineOf)).toEqual([12, undefined, undefined, undefined, undefined, undefined])
})

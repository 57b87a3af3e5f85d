import { type Notice, type Severity, severities } from '@virtkit/spi'

/** How many notices a message tells one by one. */
export const mostNotices = 100

export interface Digest {
  readonly severity: Severity
  readonly title: string
  readonly text: string
}

export type SeverityCounts = Readonly<Partial<Record<Severity, number>>>

/** One message of what has gathered: of one notice itself, of many how many there are and the oldest of them. */
export function digestOf(notices: readonly Notice[], counts: SeverityCounts = countOf(notices)): Digest {
  const total = severities.reduce((sum, each) => sum + (counts[each] ?? 0), 0)
  const severity = severities.findLast((each) => (counts[each] ?? 0) > 0) ?? 'info'
  const [first] = notices
  if (first && total === 1) {
    return { severity, title: `${severity}: ${first.title}`, text: linesOf(first).join('\n') }
  }
  const parts = severities.toReversed().flatMap((each) => (counts[each] ? [`${counts[each]} ${each}`] : []))
  const listed = notices.slice(0, mostNotices)
  const more = total - listed.length
  const text = [
    ...listed.flatMap((notice) => [`[${notice.severity}] ${linesOf(notice).join('\n    ')}`, '']),
    ...(more > 0 ? [`And ${more} more, which are not listed here.`] : []),
  ]
  return { severity, title: `${severity}: ${total} notices (${parts.join(', ')})`, text: text.join('\n').trimEnd() }
}

export function countOf(notices: readonly Pick<Notice, 'severity'>[]): SeverityCounts {
  const counts: Partial<Record<Severity, number>> = {}
  for (const { severity } of notices) counts[severity] = (counts[severity] ?? 0) + 1
  return counts
}

function linesOf({ title, text, subject, at }: Notice): string[] {
  return [title, ...(text ? [text] : []), `${subject}, ${new Date(at).toISOString()}`]
}

import { type InputProblem, type InstallReport, installPhases, invalidInput } from '@virtkit/spi'

const phases: readonly string[] = [...installPhases, 'failed']
const detailLength = 500

/** Reads a report from an address's query or from a form. Throws `INVALID_INPUT` naming the field. */
export function parseReportForm(form: URLSearchParams): InstallReport {
  const percent = form.get('percent')
  return parseReport({
    phase: form.get('phase') ?? undefined,
    ...(percent === null ? {} : { percent: percent.trim() === '' ? Number.NaN : Number(percent) }),
    ...(form.has('detail') ? { detail: form.get('detail') } : {}),
  })
}

/** Reads a report from a JSON text. Throws `INVALID_INPUT`. */
export function parseReportJson(text: string): InstallReport {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalidInput([{ field: 'body', problem: 'is not JSON' }])
  }
  if (typeof value !== 'object' || value === null) throw invalidInput([{ field: 'body', problem: 'must be an object' }])
  return parseReport(value as Record<string, unknown>)
}

/** A detail that is too long or not printable is trimmed, not refused: what a failing guest has to say must arrive. */
function parseReport({ phase, percent, detail }: Record<string, unknown>): InstallReport {
  const problems: InputProblem[] = []
  if (typeof phase !== 'string' || !phases.includes(phase)) {
    problems.push({ field: 'phase', problem: `must be one of ${phases.join(', ')}` })
  }
  if (percent !== undefined && (typeof percent !== 'number' || !(percent >= 0 && percent <= 100))) {
    problems.push({ field: 'percent', problem: 'must be a number from 0 to 100' })
  }
  if (detail !== undefined && typeof detail !== 'string') problems.push({ field: 'detail', problem: 'must be text' })
  if (problems.length > 0) throw invalidInput(problems)
  const text = typeof detail === 'string' ? printable(detail) : ''
  return {
    phase: phase as InstallReport['phase'],
    ...(typeof percent === 'number' ? { percent: Math.floor(percent) } : {}),
    ...(text === '' ? {} : { detail: text }),
  }
}

/** At most 500 characters without control characters, as reports hold them. */
export function printable(text: string): string {
  const plain = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return [...plain].length <= detailLength ? plain : `${[...plain].slice(0, detailLength - 1).join('')}…`
}

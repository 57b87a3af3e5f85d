import { isVirtkitError } from '@virtkit/spi'
import { describe, expect, test } from 'vitest'
import { parseReportForm, parseReportJson, printable } from './report-input.ts'

const form = (text: string): unknown => parseReportForm(new URLSearchParams(text))

describe('a report', () => {
  test('is read from a form and from JSON', () => {
    const report = { phase: 'installing', percent: 40, detail: 'base system' }
    expect(form('phase=installing&percent=40&detail=base+system')).toEqual(report)
    expect(parseReportJson(JSON.stringify(report))).toEqual(report)
    expect(form('phase=ready')).toEqual({ phase: 'ready' })
  })

  test.each([
    ['phase=', 'phase'],
    ['percent=10', 'phase'],
    ['phase=exploded', 'phase'],
    ['phase=installing&percent=101', 'percent'],
    ['phase=installing&percent=-1', 'percent'],
    ['phase=installing&percent=', 'percent'],
    ['phase=installing&percent=ten', 'percent'],
  ])('with %j is refused by field', (text, field) => {
    try {
      form(text)
      expect.unreachable()
    } catch (error) {
      expect(isVirtkitError(error, 'INVALID_INPUT') && error.details.problems[0]?.field).toBe(field)
    }
  })

  test.each(['', 'null', '[]', '"ready"', '{"phase":"installing","percent":"40"}', '{"phase":"failed","detail":{}}'])(
    'is refused as JSON %s',
    (text) => {
      expect(() => parseReportJson(text)).toThrow(/body|phase|percent|detail/)
    },
  )

  test('has a detail of one printable line, however it was sent', () => {
    expect(form('phase=failed&detail=%1b[31mno%0adisk%00')).toEqual({ phase: 'failed', detail: '[31mno disk' })
    expect(printable('x'.repeat(600))).toBe(`${'x'.repeat(499)}…`)
    expect(form('phase=failed&detail=%00')).toEqual({ phase: 'failed' })
  })
})

import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { debconfAnswer, kickstartWord, shellWord, yamlScalar } from './quoting.ts'

const printable = fc.string({ unit: 'binary' }).filter((text) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text))
const control = fc.constantFrom('\n', '\r', '\0', '\x1b', '\x85', '\u2028', '\u2029', '\ud800')
const withControl = fc.tuple(fc.string(), control, fc.string()).map((parts) => parts.join(''))

test('a real shell reads every quoted text as one word, the one that was meant', () => {
  const texts = fc
    .sample(printable, { numRuns: 200, seed: 7 })
    .concat(["'", "''", '$(id)', '`id`', '\\', '-n', '"; reboot; "'])
  const script = texts.map((text) => `printf '%s\\n' ${shellWord(text)}; printf '%s\\n' ${kickstartWord(text)}`).join('\n')
  const said = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
  expect(said).toBe(texts.map((text) => `${text}\n${text}\n`).join(''))
})

test('what could begin another line is refused in every language', () => {
  fc.assert(
    fc.property(withControl, (text) => {
      for (const quote of [
        shellWord,
        kickstartWord,
        yamlScalar,
        (value: string) => debconfAnswer('d-i', 'a/b', 'string', value),
      ]) {
        expect(() => quote(text)).toThrow('control character')
      }
    }),
  )
})

test('a YAML scalar is one line that reads back as the text', () => {
  fc.assert(
    fc.property(printable, (text) => {
      expect(yamlScalar(text)).not.toContain('\n')
      expect(JSON.parse(yamlScalar(text))).toBe(text)
    }),
  )
})

test('an answer that would take the next line in is refused', () => {
  expect(() => debconfAnswer('d-i', 'a/b', 'string', 'x\\')).toThrow('backslash')
})

import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { builtinReleases } from '../src/catalog/releases.ts'
import * as grammars from '../src/plan/grammars.ts'
import { renderKickstart } from '../src/templates/kickstart.ts'
import { anyPlan } from './any-plan.ts'
import { checkKickstart } from './kickstart-grammar.ts'
import { plainPlan, releaseOf, richPlan, urls } from './plans.ts'

const releases = builtinReleases.filter((release) => release.installer === 'kickstart')
const rocky = renderKickstart(richPlan, releaseOf('kickstart', 'rocky-9'), urls)

// Debian 12 has no pykickstart: the grammar is ours. A line's words are read by Python, as Anaconda reads them.
describe('the grammar of kickstart files, written from its documentation', () => {
  test('takes what we write for each release and any plan, and a shell takes its scripts', () => {
    const plans = [plainPlan, richPlan, ...fc.sample(anyPlan(grammars.rpmPackage), { numRuns: 60, seed: 45 })]
    const mirror = 'http://mirror.example.test/el'
    const texts = plans.map((plan, at) => renderKickstart({ mirror, ...plan }, releases[at % releases.length]!, urls))
    texts.push(...releases.map((release) => renderKickstart({ ...richPlan, mirror }, release, urls)))
    const read = reader(texts)
    for (const text of texts) {
      const { problems, scripts } = checkKickstart(text, read)
      expect(problems).toEqual([])
      expect(scripts).toHaveLength(4)
    }
    const { scripts } = checkKickstart(rocky, reader([rocky]))
    for (const script of scripts) execFileSync('/bin/bash', ['-n'], { input: script })
  })

  test.each([
    ['a command that there is not', (text: string) => text.replace('\nzerombr\n', '\nzeroall\n'), 'no command zeroall'],
    ['an option that there is not', (text: string) => text.replace('--nohome', '--nohomes'), 'autopart has no --nohomes'],
    ['a value that cannot be', (text: string) => text.replace('--type=plain', '--type=flat'), 'cannot be flat'],
    ['a value for a switch', (text: string) => text.replace('--utc', '--utc=yes'), '--utc takes no value'],
    ['a word too many', (text: string) => text.replace('lang de_DE.UTF-8', 'lang de_DE.UTF-8 en'), 'lang has 2 words'],
    ['a static card without address', (text: string) => text.replace(/ --ip=\S+/, ''), 'static without an address'],
    ['two that exclude each other', (text: string) => text.replace(' --noipv6', ' --noipv6 --ipv6=auto'), '--noipv6 and'],
    ['the same command twice', (text: string) => text.replace('\nreboot\n', '\nreboot\nreboot\n'), 'reboot is there twice'],
    ['a section that does not end', (text: string) => text.replace(/%end\n$/, ''), '%onerror has no %end'],
    ['no time zone', (text: string) => text.replace(/timezone .*\n/, ''), 'timezone is missing'],
    ['a package that is none', (text: string) => text.replace('\nhtop\n', '\n--htop\n'), 'cannot have --htop'],
  ])('finds %s', (_, spoil, problem) => {
    const text = spoil(rocky)
    expect(text).not.toBe(rocky)
    expect(checkKickstart(text, reader([text])).problems.join('\n')).toContain(problem)
  })
})

/** Python's shlex, for all lines at once; what it cannot read (scripts are not asked for) has no words. */
function reader(texts: readonly string[]): (line: string) => readonly string[] {
  const lines = [...new Set(texts.flatMap((text) => text.split('\n')))]
  const program = `
import json, shlex, sys
def read(line):
    try: return shlex.split(line, comments=True)
    except ValueError: return []
json.dump([read(line) for line in json.load(sys.stdin)], sys.stdout)
`
  const input = JSON.stringify(lines)
  const words = JSON.parse(execFileSync('/usr/bin/python3', ['-c', program], { input, encoding: 'utf8' })) as string[][]
  const byLine = new Map(lines.map((line, at) => [line, words[at] ?? []]))
  return (line) => byLine.get(line) ?? []
}

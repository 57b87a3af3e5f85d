import { expect, it } from 'vitest'
import { fakeHost } from '../../test/run-command.ts'
import { Meter } from './meter.ts'
import { createOutput } from './output.ts'

/** As an installation that is taken over may report. */
function run(meter: Meter): void {
  meter.set(5, 'booted')
  meter.set(40, 'installing')
  meter.set(20, 'installing')
  meter.set(40, 'installing')
  meter.set(170, 'ready')
  meter.end()
}

it('a bar never goes back, and stands for what came last', () => {
  const host = fakeHost({ columns: 80 })
  run(new Meter(createOutput(host, {}), 'web-1', () => {}))
  const percents = [...host.printed.matchAll(/(\d+) % {2}(\w+)/g)].map(([, percent, text]) => [Number(percent), text])
  expect(percents).toEqual([
    [5, 'booted'],
    [40, 'installing'],
    [100, 'ready'],
  ])
})

it('without a terminal each step is a line on stderr, and with --json an object', () => {
  const said: string[] = []
  const host = fakeHost()
  run(new Meter(createOutput(host, {}), 'web-1', (text) => said.push(text)))
  expect([said, host.printed]).toEqual([['web-1: booted', 'web-1: installing', 'web-1: ready'], ''])
  const json = fakeHost()
  run(new Meter(createOutput(json, { json: true }), 'web-1', (text) => said.push(text)))
  const lines = json.printed.trim().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { percent: number }).percent)).toEqual([5, 40, 100])
  expect(said).toHaveLength(3)
})

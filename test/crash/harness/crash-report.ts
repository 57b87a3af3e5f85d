import { mkdir, writeFile } from 'node:fs/promises'
import type { Engine } from '../../databases/engines.ts'
import { type PointResult, nameOf } from './crash-scenario.ts'

export interface EngineResult extends PointResult {
  readonly engine: Engine
}

/** `SQLite: 412 points, 412 ok, 0 not ok` */
export function summaryOf(title: string, results: readonly PointResult[]): string {
  const bad = results.filter(({ problems }) => problems.length > 0).length
  const missed = results.filter(({ problems, isMissed }) => isMissed && problems.length === 0).length
  const ok = results.length - bad - missed
  return `${title}: ${results.length} points, ${ok} ok, ${bad} not ok${missed === 0 ? '' : `, ${missed} not come to`}`
}

/** Writes every point with its result, for machines and for people. Answers where. */
export async function writeReport(folder: string, results: readonly EngineResult[]): Promise<string> {
  await mkdir(folder, { recursive: true })
  const rows = results.map(({ point, ...rest }) => ({ ...rest, ...point }))
  await writeFile(`${folder}/crash-report.json`, `${JSON.stringify(rows, undefined, 1)}\n`)
  await writeFile(`${folder}/crash-report.md`, tableOf(results))
  return `${folder}/crash-report.md`
}

function tableOf(results: readonly EngineResult[]): string {
  const engines = [...new Set(results.map(({ engine }) => engine))]
  const lines = [
    '# Crash matrix',
    '',
    'The process is killed (SIGKILL) at each point; another takes over, and is asked again for the same.',
    '',
  ]
  for (const scenario of new Set(results.map((each) => each.scenario))) {
    const ofScenario = results.filter((each) => each.scenario === scenario)
    lines.push(`## ${scenario}`, '', `| point | ${engines.join(' | ')} |`, `|---|${engines.map(() => '---|').join('')}`)
    for (const name of new Set(ofScenario.map(({ point }) => nameOf(point)))) {
      const cells = engines.map((engine) => {
        const found = ofScenario.find((each) => each.engine === engine && nameOf(each.point) === name)
        return found ? cellOf(found) : ''
      })
      lines.push(`| ${name} | ${cells.join(' | ')} |`)
    }
    lines.push('')
  }
  return lines.join('\n')
}

function cellOf({ problems, isMissed }: PointResult): string {
  if (problems.length > 0) return problems.map((text) => `✗ ${text.replaceAll('|', '\\|')}`).join('<br>')
  return isMissed ? 'not come to' : 'ok'
}

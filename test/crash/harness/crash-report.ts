import { mkdir, writeFile } from 'node:fs/promises'
import type { Engine } from '../../databases/engines.ts'
import { type PointResult, nameOf } from './crash-scenario.ts'

export interface EngineResult extends PointResult {
  readonly engine: Engine
}

/** `SQLite: 412 points, 412 ok, 0 not ok` */
export function summaryOf(title: string, results: readonly PointResult[]): string {
  const bad = results.filter(({ problems }) => problems.length > 0).length
  return `${title}: ${results.length} points, ${results.length - bad} ok, ${bad} not ok`
}

/** Writes every point with its result, for machines and for people. Answers where. */
export async function writeReport(folder: string, results: readonly EngineResult[]): Promise<string> {
  await mkdir(folder, { recursive: true })
  const rows = results.map(({ engine, scenario, point, problems }) => ({ engine, scenario, ...point, problems }))
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
        return found ? found.problems.map((text) => `✗ ${text.replaceAll('|', '\\|')}`).join('<br>') || 'ok' : ''
      })
      lines.push(`| ${name} | ${cells.join(' | ')} |`)
    }
    lines.push('')
  }
  return lines.join('\n')
}

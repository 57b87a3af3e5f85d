import { npm } from './install.ts'

/** What came of asking the registry about known weaknesses. The number is the exit code of `npm run audit`. */
export const auditOutcomes = { clean: 0, weaknesses: 1, noAnswer: 3 } as const

export interface Audit {
  readonly outcome: keyof typeof auditOutcomes
  /** For people. */
  readonly text: string
}

interface Report {
  readonly auditReportVersion?: number
  readonly vulnerabilities?: Readonly<Record<string, Weakness>>
  readonly metadata?: { readonly dependencies?: { readonly prod?: number } }
  readonly message?: string
}

interface Weakness {
  readonly severity: string
  /** What is known, or by which of its dependencies a package has it. */
  readonly via: readonly (string | { readonly title: string; readonly url: string })[]
}

/** Asks about what production needs. A registry that does not answer is no good news: many mirrors have no audits. */
export function audit(folder: string): Audit {
  const { stdout } = npm(folder, 'audit', '--omit=dev', '--json')
  const report = parse(stdout)
  if (report.auditReportVersion === undefined) {
    const reason = report.message ?? 'what npm printed cannot be read'
    return {
      outcome: 'noAnswer',
      text: `The registry does not answer audits: ${reason}\nAsk one that does: npm run audit --registry=…`,
    }
  }
  const found = Object.entries(report.vulnerabilities ?? {})
  if (found.length === 0)
    return {
      outcome: 'clean',
      text: `Nothing is known against ${report.metadata?.dependencies?.prod ?? 0} production dependencies.`,
    }
  return {
    outcome: 'weaknesses',
    text: found.map(([name, weakness]) => render(name, weakness)).join('\n'),
  }
}

const render = (name: string, { severity, via }: Weakness): string =>
  `${severity}: ${name}: ${via.map((each) => (typeof each === 'string' ? `has ${each}` : `${each.title} (${each.url})`)).join(', ')}`

function parse(text: string): Report {
  try {
    return JSON.parse(text) as Report
  } catch {
    return {}
  }
}

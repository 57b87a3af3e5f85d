import { type InstallDesk, type InstallPlan, type InstallReport, type InstallRun, installPhases } from '@virtkit/spi'

/** The install desk of one run, by the contract: it never goes back, and installs until the disk is written. */
export class OneRun implements InstallDesk {
  readonly reports: InstallReport[] = []
  readonly token: string
  readonly plan: InstallPlan
  #phase = -1

  constructor(token: string, plan: InstallPlan) {
    this.token = token
    this.plan = plan
  }

  /** The last phase that was reached. */
  get phase(): string | undefined {
    return installPhases[this.#phase]
  }

  async find(token: string): Promise<InstallRun | undefined> {
    if (token !== this.token) return undefined
    return { plan: this.plan, serve: this.#phase < installPhases.indexOf('finishing') ? 'install' : 'boot-disk' }
  }

  async report(token: string, report: InstallReport): Promise<boolean> {
    if (token !== this.token || this.phase === 'ready') return false
    if (report.phase !== 'failed') this.#phase = Math.max(this.#phase, installPhases.indexOf(report.phase))
    this.reports.push(report)
    return true
  }
}

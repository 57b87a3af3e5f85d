import type { InstallDesk, InstallPlan, InstallReport, InstallRun } from '@virtkit/spi'

/** A desk with one run, that remembers what was reported and can be made to fail. */
export class FakeDesk implements InstallDesk {
  readonly reports: InstallReport[] = []
  readonly token: string
  plan: InstallPlan
  serve: InstallRun['serve'] = 'install'
  ended = false
  failing = false

  constructor(token: string, plan: InstallPlan) {
    this.token = token
    this.plan = plan
  }

  async find(token: string): Promise<InstallRun | undefined> {
    if (this.failing) throw new Error('the database is down')
    return token === this.token ? { plan: this.plan, serve: this.serve } : undefined
  }

  async findByCard(mac: string): Promise<(InstallRun & { readonly token: string }) | undefined> {
    const run = await this.find(this.token)
    const isTheirs = this.plan.boot === 'network' && this.plan.networks[0]?.mac === mac
    return run && isTheirs ? { ...run, token: this.token } : undefined
  }

  async report(token: string, report: InstallReport): Promise<boolean> {
    if (this.failing) throw new Error('the database is down')
    if (token !== this.token || this.ended) return false
    this.reports.push(report)
    return true
  }
}

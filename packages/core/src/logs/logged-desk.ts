import type { InstallDesk } from '@virtkit/spi'
import type { Log } from './logs.ts'

/** The same desk, whose questions and reports are logged: whose run it is, never by which token it was asked for. */
export function loggedDesk(desk: InstallDesk, log: Log): InstallDesk {
  return {
    find: async (token) => {
      const run = await desk.find(token)
      if (!run) log.write('ipxebuilder', 'warning', 'guest asked with a token that is not known')
      else
        log.write('ipxebuilder', 'info', 'guest asked', {
          run: run.plan.runId,
          name: run.plan.machine.name,
          serve: run.serve,
        })
      return run
    },
    findByCard: async (mac) => {
      const run = await desk.findByCard(mac)
      const words = run && { run: run.plan.runId, name: run.plan.machine.name, serve: run.serve }
      log.write('ipxebuilder', 'info', run ? 'guest asked by its card' : 'guest asked by its card and has no run', {
        mac,
        ...words,
      })
      return run
    },
    report: async (token, report) => {
      const known = await desk.report(token, report)
      // The report's own words come from inside a guest, so they are not repeated.
      const { phase, percent } = report
      if (known) log.write('ipxebuilder', 'info', 'guest reported', { phase, percent })
      else log.write('ipxebuilder', 'warning', 'guest reported with a token that is not known', { phase })
      return known
    },
  }
}

import type { Call, InstallDesk, InstallMedia, InstallReport, InstallRun, OpenInstallMedia, OsCatalog } from '@virtkit/spi'

/** Install media as they are, and a record of what guests were answered and what they told. */
export class WatchedMedia implements InstallMedia {
  /** What was to be served, for each time that a guest asked. */
  readonly asked: InstallRun['serve'][] = []
  /** The cards that asked for their run. */
  readonly cards: string[] = []
  /** What was taken; what is told after the end of a run is not. */
  readonly reports: InstallReport[] = []
  /** What was told and not taken. */
  readonly refused: InstallReport[] = []
  readonly #media: InstallMedia

  constructor(media: InstallMedia) {
    this.#media = media
  }

  get catalog(): OsCatalog {
    return this.#media.catalog
  }

  open(desk: InstallDesk, call: Call): Promise<OpenInstallMedia> {
    const watched: InstallDesk = {
      find: async (token) => {
        const run = await desk.find(token)
        if (run) this.asked.push(run.serve)
        return run
      },
      findByCard: (mac) => {
        this.cards.push(mac)
        return desk.findByCard(mac)
      },
      report: async (token, report) => {
        const isTaken = await desk.report(token, report)
        ;(isTaken ? this.reports : this.refused).push(report)
        return isTaken
      },
    }
    return this.#media.open(watched, call)
  }
}

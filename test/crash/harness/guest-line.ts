import type { GuestProgram } from '@virtkit/driver-simulated'
import type { InstallReport } from '@virtkit/spi'
import { setTimeout } from 'node:timers/promises'
import type { Scenario } from '../scenarios/scenario.ts'
import type { PaperMedium } from '../victim/paper-media.ts'

/** Takes what a guest reports, as an install desk does. Rejects when the process behind it is gone. */
export type Reception = (token: string, report: InstallReport) => Promise<boolean>

/** Who serves which origin now. Guests whose origin nobody serves ask again and again, as real ones do. */
export class GuestLine {
  readonly #receptions = new Map<string, Reception>()

  serve(origin: string, reception: Reception): void {
    this.#receptions.set(origin, reception)
  }

  leave(origin: string): void {
    this.#receptions.delete(origin)
  }

  /** A guest that installs at once, or does as the scenario says. */
  guest(kind: Scenario['guest']): GuestProgram {
    return async (hardware, _options, signal) => {
      const kept = '/etc/virtkit.json'
      const medium = hardware.bootsFrom() === 'medium' ? await hardware.medium() : undefined
      if (medium) {
        const text = Buffer.from(medium).toString('utf8')
        await this.#tell(text, { phase: 'booted' }, signal)
        if (kind === 'hangs') return
        if (kind === 'fails') return this.#tell(text, { phase: 'failed', detail: 'no disk' }, signal)
        await this.#tell(text, { phase: 'installing', percent: 40 }, signal)
        hardware.writeDisk({ '/etc/os-release': 'ID=debian\n', [kept]: text })
        await this.#tell(text, { phase: 'finishing' }, signal)
      }
      const installed = hardware.readDisk(kept)
      if (installed !== undefined) await this.#tell(installed, { phase: 'ready' }, signal)
    }
  }

  async #tell(text: string, report: InstallReport, signal: AbortSignal): Promise<void> {
    const { origin, token } = JSON.parse(text) as PaperMedium
    while (!signal.aborted) {
      try {
        const reception = this.#receptions.get(origin)
        if (reception) return void (await reception(token, report))
      } catch {
        // It was gone before it answered.
      }
      await setTimeout(5)
    }
    throw signal.reason
  }
}

import type { Call } from '../driver/call.ts'
import type { InstallPlan } from './install-plan.ts'
import type { OsCatalog } from './os-catalog.ts'

/**
 * How blank machines get installed. `netboot()` is ours; a site with its own boot infrastructure writes another.
 *
 * Install media keep no state of their own: they ask the desk, which keeps it in the database. So any process serves any
 * run, and a process that dies loses nothing.
 */
export interface InstallMedia {
  readonly catalog: OsCatalog
  /** Starts serving. Throws `CONFLICT` when the port is taken. Disposing what it returns stops serving and frees the port. */
  open(desk: InstallDesk, call: Call): Promise<OpenInstallMedia>
}

export interface OpenInstallMedia extends AsyncDisposable {
  /** Where guests reach us; it is part of every medium. A run whose medium names another origin is published again. */
  readonly origin: string
  /**
   * The boot medium of one run.
   * Promises: the same plan, token and origin yield the same bytes. Throws `INVALID_INPUT` for a plan that cannot be rendered
   * (an unknown release, a value that the installer cannot hold), naming the field.
   */
  medium(plan: InstallPlan, token: string, call: Call): Promise<BootMedium>
  /**
   * The boot image of one release that is nobody's run: it starts the release's installer without answers, for a person to go
   * through, and gets what that needs from `origin`. Left out: these install media have none.
   * Promises: the same release and origin yield the same bytes, in any process; there is no secret among them. Throws
   * `INVALID_INPUT` for a release that is not known, `UNSUPPORTED` for one that has no image.
   */
  image?(os: string, origin: string, call: Call): Promise<BootMedium>
}

export interface BootMedium {
  readonly kind: 'iso'
  readonly sizeBytes: number
  content(): AsyncIterable<Uint8Array>
}

/** What install media ask and tell. Tokens are secrets of one run each; a token that is not known finds nothing. */
export interface InstallDesk {
  find(token: string): Promise<InstallRun | undefined>
  /**
   * The run of a machine that boots from the network, by the MAC of its first card. Runs with a medium are not found: whoever asks
   * needs no secret, and gets one.
   */
  findByCard(mac: string): Promise<(InstallRun & { readonly token: string }) | undefined>
  /**
   * Takes what a guest reports. Promises: repeated and late reports are harmless; a run never goes back to an earlier phase.
   * Answers false when the token is not known or the run has ended.
   */
  report(token: string, report: InstallReport): Promise<boolean>
}

export interface InstallRun {
  readonly plan: InstallPlan
  /**
   * `install`: hand out the installer. `boot-disk`: the installer has done its work or the run has ended; whatever boots the
   * medium now must go on to its disk.
   */
  readonly serve: 'install' | 'boot-disk'
}

/** Phases in order; `failed` may come at any time. */
export const installPhases: readonly InstallPhase[] = ['booted', 'installing', 'finishing', 'ready']

export type InstallPhase =
  /** The machine fetched its boot script. */
  | 'booted'
  /** The installer runs. */
  | 'installing'
  /** The disk is written; the next boot is from it. */
  | 'finishing'
  /** The installed system is up. */
  | 'ready'

export interface InstallReport {
  readonly phase: InstallPhase | 'failed'
  /** 0 to 100 of the whole installation. */
  readonly percent?: number
  /** At most 500 characters; printable. */
  readonly detail?: string
}

import type { Secret } from '@virtkit/spi'
import type { By, ByKey } from '../access/actor.ts'
import type { Operation } from '../operations/operations.ts'

/** Installations of operating systems on machines. */
export interface Installs {
  /**
   * Accepts an installation and answers at once; the operation goes on by itself.
   *
   * Promises: it ends `ready`, or failed with a reason and everything undone that it did on the hypervisor; the machine keeps its
   * name, addresses and charge either way. A medium that is booted again afterwards does not install again. The same `key` is the
   * same run. Throws `INVALID_INPUT` (no network, an unknown OS, a machine too small, …), `CONFLICT` while something else is done to
   * the machine, `UNSUPPORTED` without install media or for a hypervisor that has no drive.
   */
  start(machineKey: number, parameters?: InstallInput, by?: ByKey): Promise<StartedInstall>
  get(runId: string, by?: By): Promise<Install>
  /** Newest first. */
  ofMachine(machineKey: number, by?: By): Promise<readonly Install[]>
  /** Waits for the end of a run. Throws what it failed with. */
  whenReady(runId: string, options?: { signal?: AbortSignal }, by?: By): Promise<Install>
  /** How a machine was or will be installed; the hash, never a password. */
  parameters(key: number, by?: By): Promise<InstallParameters>
}

export interface InstallInput {
  /** Default `en_US.UTF-8`. */
  readonly locale?: string
  /** Default `us`. */
  readonly keyboard?: string
  /** Default `Etc/UTC`. */
  readonly timezone?: string
  /** SHA-512 crypt hash (`$6$…`) of root's password. Default: a random password, answered once. */
  readonly passwordHash?: string
  readonly sshKeys?: readonly string[]
  readonly packages?: readonly string[]
  /** `thin` or `thick`; default: the machine's own. */
  readonly provisioning?: 'thin' | 'thick'
  /**
   * What a blank machine boots from: a medium of its own in its drive (default), or the network by PXE, as the site's DHCP server
   * tells it. The network knows a machine by the MAC of its first card only: whoever is on it can pass for that machine while it
   * installs, and read its answer file.
   */
  readonly boot?: 'medium' | 'network'
}

export interface InstallParameters {
  readonly key: number
  readonly locale: string
  readonly keyboard: string
  readonly timezone: string
  readonly passwordHash: Secret
  readonly sshKeys: readonly string[]
  readonly packages: readonly string[]
}

export interface Install {
  readonly runId: string
  readonly machine: number
  /** Id of the operation that does it. */
  readonly operation: string
  readonly phase: 'planned' | 'published' | 'booted' | 'installing' | 'finishing' | 'ready' | 'failed'
  readonly percent: number
  readonly detail?: string
  readonly createdAt: number
  readonly endedAt?: number
  /** What it has come to, in order. A phase that nobody told of is not among them. */
  readonly phases: readonly InstallPhaseTime[]
  /** W3C `traceparent`, the same in its operation and on the guest's kernel command line; a caller's own trace goes on in it. */
  readonly trace?: string
  /** The last lines of the serial console, of a run that failed on a hypervisor that can tell them. */
  readonly consoleTail?: readonly string[]
}

export interface InstallPhaseTime {
  readonly phase: Install['phase']
  readonly startedAt: number
  /** How long it took, in milliseconds; left out of the one that goes on, and of the last. */
  readonly durationMs?: number
}

export interface StartedInstall extends Install {
  readonly accepted: Operation
  /** Root's random password, when none was given. It is not kept. */
  readonly password?: Secret
}

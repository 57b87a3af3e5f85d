import { type Virtkit, type VirtkitOptions, createVirtkit } from '@virtkit/core'
import { simulated, standInInitrd, standInKernel } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { type VirtkitError, isVirtkitError } from '@virtkit/spi'
import type { Host } from '../../host.ts'
import type { DatabaseLocation } from './database-location.ts'
import { type LastRun, readLastRun, writeLastRun } from './last-run.ts'
import { openSimulator } from './open-simulator.ts'
import type { QuickstartOptions } from './quickstart.ts'
import type { Tell } from './quickstart-events.ts'
import { clusterName } from './world.ts'

export interface OpenQuickstart {
  readonly kit: Virtkit
  readonly simulatorUrl: SimulatorAccess
  close(): Promise<void>
}

/** How the simulator is reached. */
export interface SimulatorAccess {
  readonly url: string
  readonly username?: string
  readonly password?: string
}

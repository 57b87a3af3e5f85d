import { exitCodes } from '../../exit-codes.ts'
import type { Context } from '../../program.ts'
import { parseDatabaseLocation } from './database-location.ts'
import { installAll } from './install-all.ts'
import { tellInventory } from './inventory.ts'
import { askForOneMore } from './one-more.ts'
import { openQuickstart } from './open-quickstart.ts'
import type { QuickstartEvent } from './quickstart-events.ts'
import { createReport } from './report.ts'
import { snapshotAndRevert } from './snapshot.ts'
import { setUpWorld } from './world.ts'

export interface QuickstartOptions {
  readonly database: string
  readonly simulator?: string
  readonly username?: string
  readonly bootPort?: number
  readonly pace: 'fast' | 'real'
}

const names = ['web-1', 'web-2', 'web-3']

/**
 * The main job from end to end, on a hypervisor that is not there.
 *
 * Promises: everything is looked up before it is made, so it can be ended anywhere, even by SIGKILL, and run again: it ends with
 * the same three machines. What it opened, it closes.
 */
export async function quickstart(options: QuickstartOptions, { host, output }: Context): Promise<number> {
  const startedAt = performance.now()
  const report = createReport(output)
  const tell = (event: QuickstartEvent): void => report.tell(event)
  const { interrupted } = host
  const location = parseDatabaseLocation(options.database, host.cwd)
  const { kit, simulator, close } = await openQuickstart(location, options, host, tell)
  try {
    const world = await setUpWorld(kit, simulator, tell)
    const machines = await installAll(kit, world, names, tell, interrupted)
    await askForOneMore(kit, world, 'web-4', tell)
    interrupted.throwIfAborted()
    await snapshotAndRevert(kit, machines[0]!, tell, interrupted)
    await tellInventory(kit, world, tell)
  } finally {
    report.end()
    await close()
  }
  tell({ event: 'done', durationMs: Math.round(performance.now() - startedAt) })
  return exitCodes.ok
}

import type { Virtkit } from '@virtkit/core'

/** Waits for what is under way on a machine: an earlier run may have begun it, and the kit goes on with it. */
export async function whenIdle(kit: Virtkit, machineKey: number, signal: AbortSignal): Promise<void> {
  const underWay = await kit.operations.list({ subject: `machine/${machineKey}`, ended: false })
  for (const { id } of underWay) await kit.operations.wait(id, { signal })
}

import type { Machine, Virtkit } from '@virtkit/core'
import type { Tell } from './quickstart-events.ts'
import { whenIdle } from './when-idle.ts'

const name = 'fresh'

/** Takes a snapshot with memory, unless an earlier run has, and goes back to it. The machine runs afterwards. */
export async function snapshotAndRevert(kit: Virtkit, machine: Machine, tell: Tell, signal: AbortSignal): Promise<void> {
  const { key } = machine
  await whenIdle(kit, key, signal)
  await switchOn(kit, key, signal)
  const found = (await kit.snapshots.list(key)).find((each) => each.name === name)
  const snapshot = found ?? (await kit.snapshots.create(key, { name, description: 'As installed', memory: true }))
  tell({ event: 'snapshot', machine: machine.name, snapshot: name, step: found ? 'found' : 'taken' })
  signal.throwIfAborted()
  await kit.snapshots.revert(key, snapshot.key)
  tell({ event: 'snapshot', machine: machine.name, snapshot: name, step: 'reverted' })
  await switchOn(kit, key, signal)
}

/** A run that was killed between the steps of a revert may have left it off. */
async function switchOn(kit: Virtkit, key: number, signal: AbortSignal): Promise<void> {
  if ((await kit.machines.info(key)).power === 'on') return
  const { error } = await kit.operations.wait((await kit.machines.power(key, 'on')).id, { signal })
  if (error) throw error
}

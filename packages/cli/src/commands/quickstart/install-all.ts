import { type Machine, type Virtkit, VirtkitError, isVirtkitError } from '@virtkit/core'
import { Progress, followInstalls } from './progress.ts'
import type { HowReady, Tell } from './quickstart-events.ts'
import { whenIdle } from './when-idle.ts'
import type { World } from './world.ts'

/**
 * Puts the machines on paper, in order, and installs them side by side. Promises: what is there already is taken as it is; an
 * installation that an earlier run began is waited for, one that failed is begun anew. Throws what the first that fails fails with,
 * when all have ended.
 */
export async function installAll(
  kit: Virtkit,
  world: World,
  names: readonly string[],
  tell: Tell,
  signal: AbortSignal,
): Promise<readonly Machine[]> {
  const planned: Machine[] = []
  for (const name of names) planned.push(await onPaper(kit, world, name))
  const progress = new Progress(tell)
  const bySubject = new Map(planned.map(({ key, name }) => [`machine/${key}`, name]))
  const stop = followInstalls(kit.events, bySubject, progress)
  try {
    const ends = await Promise.allSettled(
      planned.map(async ({ key, name }) => {
        const how = await install(kit, key, progress, { tell, signal })
        const machine = await kit.machines.get(key)
        if (how !== 'found') progress.advance(name, { phase: 'ready' })
        return { machine, how }
      }),
    )
    return ends.map((end) => {
      if (end.status === 'rejected') throw end.reason
      const { machine, how } = end.value
      tell({ event: 'ready', machine: machine.name, address: machine.networks[0]?.ip ?? '', how })
      return machine
    })
  } finally {
    stop()
  }
}

async function onPaper(kit: Virtkit, { cluster, group, profile }: World, name: string): Promise<Machine> {
  const found = await kit.machines.find(cluster.key, name)
  return found ?? kit.machines.createFromProfile(profile.key, { name, owner: group.key })
}

/** Brings one machine to life, from wherever it is. */
async function install(
  kit: Virtkit,
  key: number,
  progress: Progress,
  { tell, signal }: { readonly tell: Tell; readonly signal: AbortSignal },
): Promise<HowReady> {
  const { name, state } = await kit.machines.get(key)
  if (state === 'deployed') return foundOnHypervisor(kit, key, name)
  if (state === 'installing' && (await resumed(kit, key, progress, { tell, signal }))) return 'resumed'
  await whenIdle(kit, key, signal)
  const run = await kit.installs.start(key)
  progress.advance(name, { phase: run.phase, percent: run.percent })
  await kit.installs.whenReady(run.runId, { signal })
  return 'installed'
}

/** Another simulator than the one it was installed on does not know it. */
async function foundOnHypervisor(kit: Virtkit, key: number, name: string): Promise<'found'> {
  try {
    await kit.machines.info(key)
    return 'found'
  } catch (error) {
    if (!isVirtkitError(error, 'NOT_FOUND')) throw error
    throw new VirtkitError('CONFLICT', `${name} is in the database, but not on this simulator.`, {
      details: { field: '--simulator', with: name },
      hint: 'Run it with the simulator and in the folder that this database began with, or on another --database.',
      cause: error,
    })
  }
}

/** Waits for the run that an earlier process began; the kit goes on with it by itself. False when it failed. */
async function resumed(
  kit: Virtkit,
  key: number,
  progress: Progress,
  { tell, signal }: { readonly tell: Tell; readonly signal: AbortSignal },
): Promise<boolean> {
  const [run] = await kit.installs.ofMachine(key)
  if (!run) return false
  progress.begin((await kit.machines.get(key)).name, run.phase, run.percent)
  try {
    await kit.installs.whenReady(run.runId, { signal })
    return true
  } catch (error) {
    signal.throwIfAborted()
    if (!isVirtkitError(error)) throw error
    tell({ event: 'trouble', error })
    return false
  }
}

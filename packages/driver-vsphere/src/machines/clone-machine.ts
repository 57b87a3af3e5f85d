import { type CloneSpec, type InputProblem, VirtkitError } from '@virtkit/spi'
import { VimFault } from '../client/soap/vim-fault.ts'
import type { Found } from '../client/retrieve.ts'
import { flagAt } from '../client/xml/xml-tree.ts'
import { choosePlace } from '../places/choose-place.ts'
import { writeName } from '../places/entity-name.ts'
import type { Work } from '../session.ts'
import { changeSpec } from './change-machine.ts'
import { cloudInit } from './cloud-init.ts'
import type { MachineMaker } from './create-machine.ts'
import { findMade, getMachine } from './find-machine.ts'
import { throwProblems } from './machine-input.ts'
import { instanceUuid, isUnfinished, markWritten, nameBesides, nameWritten, unfinishedWritten } from './machine-mark.ts'
import { makeOnce, pause } from './make-once.ts'

export interface CloneParts {
  /** What an earlier attempt has left. */
  readonly made: Found | undefined
  readonly template: Found | undefined
  readonly spec: CloneSpec
  readonly key: string
}

/** How long somebody else who finishes the same clone is waited for. */
const othersMs = 20_000

/**
 * Clones, then gives the clone the hardware that was asked for; in between it says of itself that it is unfinished, so that another
 * attempt with the same key finishes it.
 */
export async function cloneMachine(
  work: Work,
  maker: MachineMaker,
  { made, template, spec, key }: CloneParts,
): Promise<Found> {
  const places = await maker.book.places(work.signal)
  const change = {
    ...(spec.cpus === undefined ? {} : { cpus: spec.cpus }),
    ...(spec.memoryMiB === undefined ? {} : { memoryMiB: spec.memoryMiB }),
    ...(spec.diskSizeMiB === undefined ? {} : { diskSizesMiB: [spec.diskSizeMiB] }),
    nics: spec.nics,
  }
  let clone = made
  if (!clone && template) {
    // What the template cannot become is refused before anything is made.
    await changeSpec(work, places, template, change, 'clone')
    clone = await begin(work, maker, template, spec, key)
  }
  if (!clone) throw new VirtkitError('INTERNAL', 'Neither a template nor a clone was found.', { details: {} })
  if (!isUnfinished(clone.properties['config.extraConfig'])) return clone
  try {
    const changes = await changeSpec(work, places, clone, change, 'clone')
    const options = [unfinishedWritten(false), ...cloudInit(spec, key)]
    await work.task('ReconfigVM_Task', clone.ref, { spec: { ...changes, extraConfig: options } })
    await name(work, clone, spec.name)
  } catch (error) {
    if (!(error instanceof VimFault) || work.signal.aborted) throw error
    const finished = await finishedByOthers(work, key)
    if (finished) return finished
    // A failure leaves nothing behind.
    await work.task('Destroy_Task', clone.ref)
    work.undone()
    throw error
  }
  return getMachine(work, clone.ref.id)
}

async function begin(work: Work, maker: MachineMaker, template: Found, spec: CloneSpec, key: string): Promise<Found> {
  const problems: InputProblem[] = []
  const places = await maker.book.places(work.signal)
  const chosen = choosePlace(places, spec.placement, maker.datacenter, problems)
  throwProblems(problems)
  if (!chosen) throw new VirtkitError('INTERNAL', 'A place was neither found nor refused.', { details: {} })
  // Under a name of the key's own, of which the folder takes one: that settles who clones.
  return makeOnce(work, key, () =>
    work.task('CloneVM_Task', template.ref, {
      folder: chosen.folder,
      name: writeName(nameBesides(spec.name, key)),
      spec: {
        location: { datastore: chosen.datastore.ref, pool: chosen.pool, host: chosen.host?.ref },
        template: false,
        config: {
          instanceUuid: instanceUuid(key),
          extraConfig: [markWritten(key), unfinishedWritten(true), nameWritten(spec.name)],
        },
        powerOn: false,
      },
    }),
  )
}

/** Gives the finished clone the name that was asked for, unless the folder has that: then it goes on saying it of itself. */
async function name(work: Work, clone: Found, asked: string): Promise<void> {
  try {
    await work.task('ReconfigVM_Task', clone.ref, { spec: { name: writeName(asked) } })
  } catch (error) {
    if (!(error instanceof VimFault) || error.fault !== 'DuplicateName') throw error
  }
}

/** Two who clone with one key finish one clone; the server refuses the later of them. */
async function finishedByOthers(work: Work, key: string): Promise<Found | undefined> {
  const until = performance.now() + othersMs
  for (let ms = 50; ; ms = Math.min(ms * 2, 1000)) {
    const found = await findMade(work, key)
    if (!found) return undefined
    if (!isUnfinished(found.properties['config.extraConfig'])) return found
    // Nobody is at it: it is for us to take it away.
    if (!flagAt(found.properties['config.template']) && ms > 200) return undefined
    if (performance.now() > until) return undefined
    await pause(ms, work.signal)
  }
}

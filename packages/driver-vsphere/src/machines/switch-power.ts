import { VimFault } from '../client/soap/vim-fault.ts'
import type { MoRef } from '../client/xml/xml-tree.ts'
import type { Work } from '../session.ts'
import { getMachine } from './find-machine.ts'
import { powerOf } from './machine-view.ts'

/** Promises: on a running machine, no effect. */
export async function switchOn(work: Work, ref: MoRef): Promise<void> {
  await unlessThere(work, ref, 'PowerOnVM_Task', 'on')
}

/** Promises: on a stopped machine, no effect. */
export async function switchOff(work: Work, ref: MoRef): Promise<void> {
  await unlessThere(work, ref, 'PowerOffVM_Task', 'off')
}

async function unlessThere(work: Work, ref: MoRef, method: string, wanted: 'on' | 'off'): Promise<void> {
  try {
    await work.task(method, ref)
  } catch (error) {
    if (!(error instanceof VimFault) || work.signal.aborted) throw error
    // Somebody else may have switched it, or is just about to: of two tasks the server refuses the later one.
    const found = await getMachine(work, ref.id, ['name', 'runtime.powerState'])
    if (powerOf(found.properties) !== wanted) throw error
  }
}

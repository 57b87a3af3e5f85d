import type { MachineOperations } from '@virtkit/spi'
import { VimFault } from '../client/soap/vim-fault.ts'
import { notOurs } from '../errors.ts'
import { changeMachine } from '../machines/change-machine.ts'
import { createMachine } from '../machines/create-machine.ts'
import { describe, findMachine, findMarked, getMachine, inWords } from '../machines/find-machine.ts'
import { checkKey, markOf, markWritten } from '../machines/machine-mark.ts'
import { powerOf } from '../machines/machine-view.ts'
import { switchOff } from '../machines/switch-power.ts'
import type { Context } from './context.ts'

export function machineOperations({ session, book, maker }: Context): MachineOperations {
  const subject = (ref: string): { what: string; id: string } => ({ what: 'machine', id: ref })
  return {
    create: (spec, call) =>
      session.perform(call, undefined, async (work) => {
        checkKey(call.key)
        return inWords(work, book, await createMachine(work, maker, spec, call.key))
      }),
    find: (ref, call) =>
      session.perform(call, subject(ref), async (work) => {
        const found = await findMachine(work, ref)
        return found && inWords(work, book, found)
      }),
    findByKey: (key, call) =>
      session.perform(call, undefined, async (work) => {
        checkKey(key)
        const found = await findMarked(work, key)
        return found && inWords(work, book, found)
      }),
    mark: (ref, call) =>
      session.perform(call, subject(ref), async (work) => {
        checkKey(call.key)
        const found = await getMachine(work, ref, ['name', 'config.extraConfig'])
        const mark = markOf(found.properties['config.extraConfig'])
        if (mark === call.key) return
        if (mark !== undefined) throw notOurs(ref)
        await work.task('ReconfigVM_Task', found.ref, { spec: { extraConfig: [markWritten(call.key)] } })
      }),
    unmark: (owned, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        const found = await findMachine(work, owned.ref, ['name', 'config.extraConfig'])
        const mark = markOf(found?.properties['config.extraConfig'])
        if (!found || mark === undefined) return
        if (mark !== owned.key) throw notOurs(owned.ref)
        await work.task('ReconfigVM_Task', found.ref, { spec: { extraConfig: [markWritten('')] } })
      }),
    reconfigure: (owned, change, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        await changeMachine(work, book, owned, change)
        return describe(work, book, owned.ref)
      }),
    destroy: (owned, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        const found = await findMachine(work, owned.ref, ['name', 'config.extraConfig', 'runtime.powerState'])
        if (!found) return
        if (markOf(found.properties['config.extraConfig']) !== owned.key) throw notOurs(owned.ref)
        try {
          if (powerOf(found.properties) !== 'off') await switchOff(work, found.ref)
          await work.task('Destroy_Task', found.ref)
        } catch (error) {
          if (work.signal.aborted || !(error instanceof VimFault)) throw error
          // Somebody else was faster: whatever the server says of a machine that is gone, it is gone.
          if (await findMachine(work, owned.ref, ['name'])) throw error
        }
      }),
  }
}

import { type Virtkit, VirtkitError, isVirtkitError } from '@virtkit/core'
import type { Tell } from './quickstart-events.ts'
import type { World } from './world.ts'

/** Asks for a machine that the group has no room for, and tells the refusal. */
export async function askForOneMore(kit: Virtkit, { group, profile }: World, name: string, tell: Tell): Promise<void> {
  try {
    const machine = await kit.machines.createFromProfile(profile.key, { name, owner: group.key })
    await kit.operations.wait((await kit.machines.remove(machine.key)).id)
  } catch (error) {
    if (!isVirtkitError(error, 'CONTINGENT_EXCEEDED')) throw error
    return tell({ event: 'refused', machine: name, code: error.code, blocking: error.details.blocking })
  }
  throw new VirtkitError('CONFLICT', `${group.name} has room for ${name}, which the quickstart did not leave it.`, {
    details: { field: 'limits', with: group.name },
    hint: 'Somebody has changed the contingent or the machines meanwhile. Run it again, or on another database.',
  })
}

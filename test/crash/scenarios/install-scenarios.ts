import type { Virtkit } from '@virtkit/core'
import { type Scenario, install, machineOf, startInstall, until } from './scenario.ts'
import { createWeb } from './worlds.ts'

async function boot(kit: Virtkit): Promise<void> {
  await startInstall(kit)
  await booted(kit)
}

/** Waits until the installer runs and there is nothing to do but wait for it, or until all is over. */
export async function booted(kit: Virtkit): Promise<void> {
  const [run] = await kit.installs.ofMachine(await machineOf(kit))
  await until(async () => {
    const { endedAt, step, text } = await kit.operations.get(run!.operation)
    return endedAt !== undefined || (step === 'install' && text !== undefined)
  })
}

async function cancel(kit: Virtkit): Promise<void> {
  const { operation } = await startInstall(kit)
  await booted(kit)
  await kit.operations.cancel(operation)
  const ended = await kit.operations.wait(operation)
  if (ended.error) throw ended.error
}

/** Machines that come into being. */
export const installScenarios: readonly Scenario[] = [
  { name: 'create', world: 'empty', ask: createWeb, again: 'CONFLICT' },
  { name: 'install', world: 'planned', ask: install },
  {
    name: 'install, and the answer to create is lost',
    world: 'planned',
    faults: [{ method: 'machines.create', kind: 'answer-lost', times: 1 }],
    ask: install,
  },
  {
    name: 'install, and the hypervisor refuses the machine',
    world: 'planned',
    faults: [{ method: 'machines.create', kind: 'refused' }],
    ask: install,
    refusal: 'HYPERVISOR_REFUSED',
  },
  { name: 'install, and the guest fails', world: 'planned', guest: 'fails', ask: install, refusal: 'INSTALL_FAILED' },
  {
    name: 'install, cancelled while it runs',
    world: 'planned',
    guest: 'hangs',
    ask: cancel,
    refusal: 'CANCELLED',
    askedAgainAtOnce: true,
  },
  { name: 'install, with boot servers of their own', world: 'planned', ownOrigin: true, ask: boot },
]

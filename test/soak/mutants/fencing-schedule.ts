import { startSimulatorServer } from '@virtkit/driver-simulated'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { auditBooks } from '../audit-books.ts'
import { auditMachines } from '../audit-machines.ts'
import type { CoreCopy } from './core-copy.ts'
import { lazyHypervisor, openClientKit } from '../client-kit.ts'
import { registerDeployments } from '../deploy-operation.ts'
import { installFactLog } from '../fact-log.ts'
import type { Problem } from '../finding.ts'
import type { Mutation } from '../job.ts'
import type { Entry } from '../journal.ts'
import { packProgram } from '../pack-program.ts'
import { Dice } from '../seeded-random.ts'
import { setUp, simulatedNetworks } from '../set-up.ts'
import { openSqlDoor } from '../sql-door.ts'

interface Open {
  readonly database: DatabaseLocation
  readonly keys: readonly { readonly id: string; readonly key: string }[]
  readonly leaseMs: number
  readonly mutation: Mutation
  readonly simulator: string
}

export type FencingOrder =
  | { readonly open: Open; readonly stands: boolean }
  | { readonly goOn: true }
  | { readonly close: true }
export interface FencingWord {
  readonly said: 'open' | 'in the middle'
}

/**
 * The worst that can happen to a lease: a worker is stopped dead between its side effect and writing it down, another takes over and
 * finishes, and then the first goes on as if nothing had been. Answers what the audit has to say of it.
 */
export async function runFencingSchedule(database: DatabaseLocation, core?: CoreCopy): Promise<Problem[]> {
  const keys = [{ id: 'soak', key: randomBytes(32).toString('base64') }]
  const simulator = await startSimulatorServer({ guests: 'none', world: { networks: simulatedNetworks } })
  const open: Open = { database, keys, leaseMs: 1000, mutation: {}, simulator: simulator.url }
  const workers: ChildProcess[] = []
  const worker = (stands: boolean): ChildProcess => {
    const child = fork(program.path, [], {
      execArgv: [],
      env: program.environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    workers.push(child)
    child.send({ open, stands } satisfies FencingOrder)
    return child
  }
  await using program = await packProgram(new URL('fencing-worker.ts', import.meta.url), core)
  await using door = openSqlDoor(database)
  await using kit = await openClientKit({ ...open, random: Math.random, work: false })
  const hypervisor = lazyHypervisor(simulator.url)
  const deployments = registerDeployments(kit, hypervisor)
  try {
    await installFactLog(door)
    const world = await setUp(kit, simulator.url, new Dice(1))
    const make = async (name: string): Promise<number> => {
      const size = { cpus: 1, memoryMiB: 256, diskMiB: 1024 }
      return (await kit.machines.create({ name, owner: world.groups[0]!, cluster: world.cluster, os: 'soak-1', ...size }))
        .key
    }
    const machine = await make('overtaken')
    const startedAt = Date.now()
    const { id } = await deployments.start(machine)

    const first = worker(true)
    await hears(first, 'in the middle')
    first.kill('SIGSTOP')
    const second = worker(false)
    const { state } = await kit.operations.wait(id)
    second.kill('SIGKILL')
    await once(second, 'exit')
    // What it is told now, it hears when it wakes.
    first.send({ goOn: true } satisfies FencingOrder)
    first.kill('SIGCONT')
    // It is the only one who can do this; when it has, it is done with the other as well.
    await kit.operations.wait((await deployments.start(await make('after'))).id)
    first.send({ close: true } satisfies FencingOrder)
    await once(first, 'exit')

    const told: Entry = {
      id: 'deploy',
      move: { kind: 'deploy', machine },
      startedAt,
      endedAt: Date.now(),
      answer: { operation: { id, state } },
    }
    return [...(await auditBooks(kit, door, Date.now())), ...(await auditMachines(door, simulator.world.summary(), [told]))]
  } finally {
    for (const child of workers) child.kill('SIGKILL')
    await simulator.close()
  }
}

async function hears(child: ChildProcess, said: FencingWord['said']): Promise<void> {
  for (;;) {
    const [word] = (await once(child, 'message')) as [FencingWord]
    if (word.said === said) return
  }
}

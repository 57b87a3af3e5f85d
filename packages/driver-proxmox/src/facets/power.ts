import { type PowerOperations, VirtkitError } from '@virtkit/spi'
import { says } from '../client/error-texts.ts'
import type { PveCall } from '../client/pve-call.ts'
import { isPveError } from '../client/pve-error.ts'
import type { Found, MachineReader } from '../machine/machine-reader.ts'
import type { Session } from '../session.ts'
import { settled } from '../settle.ts'

const path = '/nodes/{node}/qemu/{vmid}/status'

export function powerOperations(session: Session, reader: MachineReader): PowerOperations {
  return {
    read: (ref, call) => session.perform(call, async (pve) => (await reader.get(pve, ref)).info.power),
    on: (machine, call) =>
      session.perform(call, (pve) =>
        session.queue.run(Number(machine.ref), async () => {
          const found = await reader.owned(pve, machine)
          if (found.info.power === 'on') return
          await start(session, reader, pve, found)
        }),
      ),
    off: (machine, call) =>
      session.perform(call, (pve) =>
        session.queue.run(Number(machine.ref), async () => {
          const found = await reader.owned(pve, machine)
          if (found.info.power !== 'off') await stop(session, reader, pve, found)
        }),
      ),
    shutdown: (machine, options, call) =>
      session.perform(call, (pve) =>
        session.queue.run(Number(machine.ref), async () => {
          const found = await reader.owned(pve, machine)
          if (found.info.power === 'off') return 'shut-down'
          if (await shutDown(pve, reader, found, options.timeoutMs)) return 'shut-down'
          if (options.fallback === 'none') throw notObeyed(options.timeoutMs)
          await stop(session, reader, pve, found)
          return 'forced-off'
        }),
      ),
  }
}

async function start(session: Session, reader: MachineReader, pve: PveCall, { node, vmid, info }: Found): Promise<void> {
  // What is paused is there already, and goes on.
  const verb = info.power === 'suspended' ? 'resume' : 'start'
  try {
    await settled(
      pve,
      session.options.settleMs,
      () => pve.change({ method: 'POST', path: `${path}/${verb}`, at: { node, vmid } }),
      async () => (await reader.find(pve, info.ref))?.info.power === 'on',
    )
  } catch (error) {
    if (!says(error, 'running')) throw error
  }
}

/** Pulls the plug of a machine that has been found to be ours. */
export async function stop(session: Session, reader: MachineReader, pve: PveCall, found: Found): Promise<void> {
  const { node, vmid, info } = found
  await settled(
    pve,
    session.options.settleMs,
    () => pve.change({ method: 'POST', path: `${path}/stop`, at: { node, vmid } }),
    async () => ((await reader.find(pve, info.ref))?.info.power ?? 'off') === 'off',
  )
}

/** Asks the guest, and takes the request back when it does not obey in time: the task would keep the machine locked. */
async function shutDown(pve: PveCall, reader: MachineReader, found: Found, timeoutMs: number): Promise<boolean> {
  const { node, vmid, info } = found
  const until = performance.now() + timeoutMs
  const params = { timeout: Math.max(1, Math.ceil(timeoutMs / 1000)) }
  const upid = await pve.begin({ method: 'POST', path: `${path}/shutdown`, at: { node, vmid }, params })
  const task = pve.finish(upid).then(
    () => 'over' as const,
    (error: unknown) => (isPveError(error, 'task') ? ('over' as const) : { error }),
  )
  const late = new AbortController()
  const ended = await Promise.race([task, pause(pve, Math.max(0, until - performance.now()), late.signal)])
  late.abort()
  if (typeof ended === 'object') throw ended.error
  if (ended === 'late' && upid !== undefined) {
    const at = { node, upid }
    await pve.begin({ method: 'DELETE', path: '/nodes/{node}/tasks/{upid}', at })
    await task
  }
  return ((await reader.find(pve, info.ref))?.info.power ?? 'off') === 'off'
}

function pause(pve: PveCall, ms: number, over: AbortSignal): Promise<'late' | { error: unknown }> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('late'), ms)
    over.addEventListener('abort', () => clearTimeout(timer), { once: true })
    pve.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  })
}

function notObeyed(timeoutMs: number): VirtkitError<'TIMEOUT'> {
  return new VirtkitError('TIMEOUT', `The guest has not shut down within ${timeoutMs} ms.`, {
    details: { waitedFor: 'shutdown', timeoutMs },
    hint: "Install the guest agent in it, or allow fallback 'off'.",
  })
}

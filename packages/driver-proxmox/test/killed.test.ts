import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type FaultKind, startProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { expect, it, vi } from 'vitest'

const secret = 'de4d0000-0000-4000-8000-00000000de4d'
const script = fileURLToPath(new URL('create-process.ts', import.meta.url))

const create = (url: string, key: string): ChildProcess =>
  spawn(process.execPath, ['--conditions=@virtkit/source', '--no-warnings', script, url, secret, key], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

it('a process killed between its create and the answer leaves exactly one machine, and the next one finds it', async () => {
  const users = [{ userid: 'root@pam', tokens: [{ tokenid: 't', secret, privsep: false }] }]
  await using simulator = await startProxmoxSimulator({ pace: 0.05, tls: false, users })
  // Done long after it has died; done and not answered; done, with the task still running.
  const moments: readonly (readonly [FaultKind | undefined, number])[] = [
    ['timed-out-done-later', 20_000],
    ['timed-out-done', 0],
    [undefined, 0],
  ]
  for (const [index, [kind, ms]] of moments.entries()) {
    const key = `killed:${index}`
    let reached = false
    const noticed = new (class extends RegExp {
      override test(text: string): boolean {
        const fits = super.test(text)
        reached ||= fits
        return fits
      }
    })('^/nodes/pve1/qemu$')
    // It tells when the request is there; where nothing is to go wrong, it takes its usual time.
    simulator.faults.add({ method: 'POST', path: noticed, kind: kind ?? 'slow', ms, times: 1 })
    const victim = create(simulator.url, key)
    await vi.waitFor(() => expect(reached).toBe(true), { timeout: 20_000, interval: 1 })
    // The whole of the request has been taken.
    await new Promise((resolve) => setTimeout(resolve, kind === undefined ? 0 : 100))
    victim.kill('SIGKILL')
    await once(victim, 'exit')
    simulator.faults.clear()

    const next = create(simulator.url, key)
    const [ref] = (await once(next.stdout!, 'data')) as [Buffer]
    // What was on its way when it died arrives.
    await new Promise((resolve) => setTimeout(resolve, (ms === 0 ? 0 : 30_000 + ms) * 0.05 + 500))
    const ours = [...simulator.world.machines.values()].filter(({ config }) => config.get('description')?.endsWith(key))
    expect(ours.map(({ vmid }) => String(vmid))).toEqual([ref.toString()])
  }
}, 60_000)

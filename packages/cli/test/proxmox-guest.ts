import { type Machine, type ProxmoxSimulator, startProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { expect, vi } from 'vitest'

export const proxmoxUser = 'root@pam!rest'
export const proxmoxSecret = '5e7e0000-0000-4000-8000-000000005e7e'
export const patiently: { readonly interval: number; readonly timeout: number } = { interval: 50, timeout: 40_000 }

/** A simulated Proxmox VE that lets that user in, and keeps media for guests to boot from. */
export function startProxmox(): Promise<ProxmoxSimulator> {
  return startProxmoxSimulator({
    pace: 0.005,
    tls: false,
    keepUploads: true,
    users: [{ userid: 'root@pam', tokens: [{ tokenid: 'rest', secret: proxmoxSecret, privsep: false }] }],
  })
}

/** What is stored, by kind of content. */
export const volumesOf = ({ world }: ProxmoxSimulator): string[] =>
  [...world.storages.volumes.values()].map(({ content }) => content)

export interface StandInGuest {
  readonly machine: Machine
  report(phase: string, percent: number): Promise<void>
}

/** What firmware and installer would do: read the script of the medium in the drive, fetch what it names, tell how far it is. */
export async function bootFromMedium({ world }: ProxmoxSimulator): Promise<StandInGuest> {
  const { machine, medium } = await vi.waitFor(() => {
    const [only] = world.machines.values()
    const [, inDrive] = /^(local:iso\/[\w.-]+\.iso),media=cdrom,size=\d+K$/.exec(only?.config.get('ide2') ?? '') ?? []
    if (!only?.running || inDrive === undefined) throw new Error('it is not on yet, or has no medium')
    return { machine: only, medium: inDrive }
  }, patiently)
  const content = world.storages.find(medium, machine.node)?.uploaded?.toString('latin1') ?? ''
  const [script] = /http:\/\/127\.0\.0\.1:\d+\/boot\/[\w-]+\/script\.ipxe/.exec(content) ?? []
  if (script === undefined) throw new Error('the medium names no script')
  return bootScript(machine, script)
}

/** What firmware does that PXE has led to our boot server: it says which card it has, and boots what it is sent to. */
export async function bootFromNetwork({ world }: ProxmoxSimulator, bootServer: string): Promise<StandInGuest> {
  const { machine, mac } = await vi.waitFor(() => {
    const [only] = world.machines.values()
    const [, card] = /^\w+=([0-9A-F:]{17}),/.exec(only?.config.get('net0') ?? '') ?? []
    if (!only?.running || card === undefined) throw new Error('it is not on yet, or has no card')
    return { machine: only, mac: card.toLowerCase().replaceAll(':', '-') }
  }, patiently)
  const sentTo = await (await fetch(`${bootServer}/card/${mac}/script.ipxe`)).text()
  const [, script] = /^chain --replace (http:\S+\/boot\/[\w-]+\/script\.ipxe)/m.exec(sentTo) ?? []
  if (script === undefined) throw new Error(`the card is sent to no run: ${sentTo}`)
  return bootScript(machine, script)
}

async function bootScript(machine: Machine, script: string): Promise<StandInGuest> {
  expect((await fetch(script)).status).toBe(200)
  return {
    machine,
    report: async (phase, percent) => {
      const body = new URLSearchParams({ phase, percent: String(percent) })
      expect((await fetch(new URL('report', script), { method: 'POST', body })).ok).toBe(true)
    },
  }
}

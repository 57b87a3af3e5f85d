import { readdirSync } from 'node:fs'
import type { TestLibvirtd } from '@virtkit/test-libvirt'
import { expect } from 'vitest'
import type { Place } from './blank-machine.ts'
import { keepConsole } from './keep-console.ts'

export const pool = '/var/lib/libvirt/disks'

export const slowly = { interval: 250, timeout: 120_000 }

/** QEMU's user-mode network, in which guests find the host at 10.0.2.2. */
export function userNetwork({ url }: TestLibvirtd): Place {
  return { url, network: 'user', cidr: '10.0.2.0/24', reservation: '10.0.2.77-10.0.2.90', gateway: '10.0.2.2' }
}

/** Of those that run, or of all. */
export async function domainNames(libvirtd: TestLibvirtd, ...which: readonly '--all'[]): Promise<string[]> {
  return (await libvirtd.virsh('list', '--name', ...which)).split('\n').filter((name) => name !== '')
}

/** A domain that is just starting has no console yet. */
export async function keepConsoleOf(libvirtd: TestLibvirtd, domain: string): Promise<void> {
  let terminal = ''
  const find = async (): Promise<string> => (terminal = (await libvirtd.virsh('ttyconsole', domain)).trim())
  await expect.poll(find, slowly).toMatch(/^\/dev\//)
  keepConsole(terminal)
}

export function filesIn(libvirtd: TestLibvirtd): string[] {
  return readdirSync(libvirtd.outside(pool))
}

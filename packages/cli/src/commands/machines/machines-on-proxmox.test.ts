import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openLabAt } from '../../../test/command-lab.ts'
import { freePort } from '@virtkit/test-databases/free-port'
import {
  bootFromMedium,
  bootFromNetwork,
  proxmoxSecret,
  proxmoxUser,
  startProxmox,
  volumesOf,
} from '../../../test/proxmox-guest.ts'
import { startServe } from '../../../test/serve-process.ts'

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-proxmox-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

it('the whole job on a Proxmox VE with the command alone', async () => {
  const folder = ownFolder()
  await using simulator = await startProxmox()
  using server = await startServe(folder, ['--boot-host', '127.0.0.1'])
  await using lab = await openLabAt(server, { folder, hypervisor: simulator.url })
  const printed: string[] = []
  const virtkit = async (line: string): Promise<string> => {
    const text = await lab.ask(line, { env: { VIRTKIT_CLUSTER_PASSWORD: proxmoxSecret } })
    printed.push(text)
    return text
  }

  await virtkit(`clusters add pve --type proxmox --address ${simulator.url} --username ${proxmoxUser} --http`)
  expect(await virtkit('clusters check pve')).toMatch(/^product +Proxmox VE 8\.4[^]*privileges +none is missing\n$/)
  await virtkit('networks add vmbr0 --cluster pve --cidr 10.20.0.0/24 --gateway 10.20.0.1 --dns 10.20.0.1')
  await virtkit('groups add team-a --network vmbr0 --cluster pve')
  await virtkit('contingents set team-a --machines 1 --cpus 4 --memory 8GB --disk 100GB')
  const create =
    'machines create web-1 --owner team-a --cluster pve --os debian-12 --cpus 2 --memory 2GB --disk 20GB --network vmbr0'
  expect(await virtkit(create)).toBe('Machine web-1 has the key 1, and the address 10.20.0.2.\n')

  const installed = virtkit('machines install web-1 --locale de_DE.UTF-8')
  const guest = await Promise.race([bootFromMedium(simulator), installed.then(() => Promise.reject(new Error('no guest')))])
  await guest.report('installing', 50)
  await guest.report('finishing', 90)
  await guest.report('ready', 100)
  expect(await installed).toMatch(/Machine web-1 is installed, and answers at 10\.20\.0\.2\.\n$/)
  expect(Object.fromEntries(guest.machine.config)).toMatchObject({ name: 'web-1', cores: '2', memory: '2048' })
  expect(await virtkit('machines info web-1 --compare')).toBe('Paper and hypervisor agree.\n')

  await virtkit('snapshots create web-1 fresh --description größer')
  await virtkit('snapshots create web-1 later')
  await virtkit('snapshots revert web-1 fresh --yes')
  expect(await virtkit('snapshots tree web-1')).toMatch(/^web-1\n└─ fresh .* größer {2}← here\n {3}└─ later /)
  expect(guest.machine.snapshots.size).toBe(2)
  await virtkit('machines delete web-1 --yes')
  expect([simulator.world.machines.size, volumesOf(simulator)]).toEqual([0, []])
  expect(await virtkit('machines list')).toMatch(/^No machines/)
  expect(await virtkit('contingents show')).toMatch(/machines +░+ +0 of 1\n/)
  expect(printed.join('')).not.toContain(proxmoxSecret)
}, 120_000)

it('a machine that boots from the network needs no medium, and is known by its card', async () => {
  const folder = ownFolder()
  const bootPort = await freePort()
  await using simulator = await startProxmox()
  using server = await startServe(folder, ['--boot-host', '127.0.0.1', '--boot-port', String(bootPort)])
  await using lab = await openLabAt(server, { folder, hypervisor: simulator.url })
  const virtkit = (line: string): Promise<string> => lab.ask(line, { env: { VIRTKIT_CLUSTER_PASSWORD: proxmoxSecret } })
  await virtkit(`clusters add pve --type proxmox --address ${simulator.url} --username ${proxmoxUser} --http`)
  await virtkit('networks add vmbr0 --cluster pve --cidr 10.20.0.0/24 --gateway 10.20.0.1')
  await virtkit('groups add team-a --network vmbr0 --cluster pve')
  await virtkit('contingents set team-a --machines 1 --cpus 4 --memory 8GB --disk 100GB')
  await virtkit(
    'machines create pxe-1 --owner team-a --cluster pve --os debian-12 --cpus 2 --memory 2GB --disk 20GB --network vmbr0',
  )

  const installed = virtkit('machines install pxe-1 --boot network')
  const boots = bootFromNetwork(simulator, `http://127.0.0.1:${bootPort}`)
  const guest = await Promise.race([boots, installed.then(() => Promise.reject(new Error('no guest')))])
  const { config } = guest.machine
  expect([config.get('ide2'), config.get('boot')]).toEqual(['none,media=cdrom', 'order=scsi0;ide2;net0'])
  expect(volumesOf(simulator)).toEqual(['images'])
  for (const [phase, percent] of [
    ['installing', 50],
    ['finishing', 90],
    ['ready', 100],
  ] as const)
    await guest.report(phase, percent)
  expect(await installed).toMatch(/Machine pxe-1 is installed, and answers at 10\.20\.0\.2\.\n$/)
  const refused = await lab.run('machines install pxe-1 --boot floppy')
  expect(refused.complained).toMatch(/--boot[^]*medium, network/)
}, 120_000)

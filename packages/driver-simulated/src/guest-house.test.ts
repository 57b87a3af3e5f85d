import type { Hypervisor } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { type GuestHardware, type GuestProgram, createSimulatedHypervisor, createVirtualClock } from './index.ts'

const call = { signal: new AbortController().signal }
const owned = (ref: string) => ({ ref, key: 'k' })

/** Guests that note what happens to them, and run until the plug is pulled. */
function notedGuests(): { readonly notes: string[]; readonly hardware: GuestHardware[]; readonly program: GuestProgram } {
  const notes: string[] = []
  const hardware: GuestHardware[] = []
  const program: GuestProgram = async (machine, { clock, random }, signal) => {
    hardware.push(machine)
    notes.push(`${machine.name} boots from ${machine.bootsFrom()}`)
    machine.writeMemory('dice', String(random()))
    machine.setAddresses(['10.0.0.5', '127.0.0.1', 'fe80::1'])
    machine.writeDisk({ '/log': `${machine.readDisk('/log') ?? ''}boot ` })
    await clock.sleep(3_600_000_000, signal).catch(() => notes.push(`${machine.name} lost power`))
  }
  return { notes, hardware, program }
}

async function open(program: GuestProgram) {
  const clock = createVirtualClock({ auto: false })
  const simulator = createSimulatedHypervisor({ guests: program, clock })
  const hypervisor: Hypervisor = await simulator.driver.connect({ url: 'simulated:' }, call)
  const machine = simulator.world.addMachine({
    name: 'web',
    key: 'k',
    nics: [{ network: 'lan', mac: '02:00:00:00:00:01' }],
  })
  return { ...simulator, clock, hypervisor, ref: machine.ref, turns: () => clock.advance(0) }
}

describe('guests', () => {
  it('run from power on to power off', async () => {
    const { notes, program } = notedGuests()
    const { hypervisor, world, ref, turns } = await open(program)
    await hypervisor.power.on(owned(ref), call)
    await turns()
    expect(notes).toEqual(['web boots from disk'])
    expect(await hypervisor.guest!.addresses(ref, call)).toEqual(['10.0.0.5'])
    await hypervisor.power.off(owned(ref), call)
    await turns()
    expect(notes).toEqual(['web boots from disk', 'web lost power'])
    expect(await hypervisor.guest!.addresses(ref, call)).toEqual([])
    expect(world.readMemory(ref, 'dice')).toBeUndefined()
    expect(world.readDisk(ref, '/log')).toBe('boot ')
  })

  it('write nothing any more once they have lost power', async () => {
    const { hardware, program } = notedGuests()
    const { hypervisor, world, ref, turns } = await open(program)
    await hypervisor.power.on(owned(ref), call)
    await turns()
    await hypervisor.power.off(owned(ref), call)
    hardware[0]!.writeDisk({ '/ghost': 'boo' })
    hardware[0]!.setAddresses(['10.6.6.6'])
    expect(world.readDisk(ref, '/ghost')).toBeUndefined()
  })

  it('see the medium that is in the drive now, with its bytes', async () => {
    const { hardware, program } = notedGuests()
    const { hypervisor, ref, turns } = await open(program)
    const content = async function* () {
      yield Buffer.from('boot me')
    }
    const medium = await hypervisor.media!.upload({ name: 'a.iso', sizeBytes: 7, content }, call)
    await hypervisor.media!.insert(owned(ref), medium.ref, call)
    await hypervisor.power.on(owned(ref), call)
    await turns()
    const [machine] = hardware
    expect(machine!.bootsFrom()).toBe('medium')
    expect(Buffer.from((await machine!.medium())!).toString()).toBe('boot me')
    expect(machine!.nics).toEqual([{ mac: '02:00:00:00:00:01', network: 'lan' }])
    await hypervisor.media!.eject(owned(ref), call)
    expect(machine!.bootsFrom()).toBe('disk')
    expect(await machine!.medium()).toBeUndefined()
  })

  it('that die or end leave the machine on, and the console tells', async () => {
    const { hypervisor, world, ref, turns } = await open(async (machine) => {
      for (let i = 0; i < 300; i += 1) machine.console(`line ${i}`)
      throw new Error('kernel panic')
    })
    await hypervisor.power.on(owned(ref), call)
    await turns()
    expect(await hypervisor.power.read(ref, call)).toBe('on')
    expect(world.console(ref)).toHaveLength(200)
    expect(world.console(ref).at(-1)).toBe('guest died: kernel panic')
  })

  it('go on where they were after a revert to a snapshot with memory, if their system was up', async () => {
    const { notes, program } = notedGuests()
    const { hypervisor, world, ref, turns, clock } = await open(program)
    world.writeDisk(ref, { '/etc/os-release': 'ID=debian' })
    await hypervisor.power.on(owned(ref), call)
    await turns()
    const dice = world.readMemory(ref, 'dice')
    const request = { name: 's', description: '', memory: true, quiesce: false }
    const { id } = await hypervisor.snapshots!.create(owned(ref), request, call)
    await hypervisor.power.off(owned(ref), call)
    await hypervisor.snapshots!.revert(owned(ref), id, call)
    await turns()
    expect(notes).toEqual(['web boots from disk', 'web lost power'])
    expect(world.readMemory(ref, 'dice')).toBe(dice)
    expect(await hypervisor.guest!.addresses(ref, call)).toEqual(['10.0.0.5'])
    const shutdown = hypervisor.power.shutdown(owned(ref), { timeoutMs: 60_000, fallback: 'none' }, call)
    await clock.advance(5000)
    expect(await shutdown).toBe('shut-down')
  })

  it('all end when the simulator closes, and their machines stay on', async () => {
    const { notes, program } = notedGuests()
    const { hypervisor, world, ref, turns, close } = await open(program)
    await hypervisor.power.on(owned(ref), call)
    await turns()
    await close()
    expect(notes.at(-1)).toBe('web lost power')
    expect(world.machines()[0]?.power).toBe('on')
  })
})

import { BadImage, readIso } from './iso-9660.ts'
import type { GuestContext } from './guest-context.ts'
import { diskBoots } from './guest-disk.ts'
import { runInstalledSystem, untilPowerOff } from './installed-system.ts'
import { runIpxe } from './ipxe/ipxe.ts'
import type { IpxeMachine, IpxeOutcome } from './ipxe/ipxe-machine.ts'
import { type LoadedLinux, loadLinux, runLinux } from './linux.ts'

/** Under one of these names a medium holds the script that its iPXE runs. */
const scriptNames = ['SCRIPT.IPX', 'AUTOEXEC.IPXE']

/** One start of the machine: resolves when it is to start again, rejects with the signal's reason or `GuestStopped`. */
export async function bootOnce(context: GuestContext): Promise<void> {
  const { hardware, pace, signal } = context
  hardware.setAddresses([])
  hardware.console(`${hardware.firmware === 'uefi' ? 'UEFI' : 'BIOS'}: power-on self-test`)
  await context.pause(pace.firmwareMs)
  const order = hardware.bootsFrom() === 'medium' ? (['medium', 'disk'] as const) : (['disk', 'medium'] as const)
  for (const device of order) {
    if (device === 'disk') {
      if (diskBoots(hardware)) return runInstalledSystem(context)
      continue
    }
    const outcome = await bootMedium(context)
    if (outcome.kind === 'reboot') return
    if (outcome.kind === 'kernel') return runLinux(context, outcome.loaded)
    if (outcome.kind === 'disk') return runInstalledSystem(context)
    if (outcome.kind !== 'exit') return untilPowerOff(signal)
  }
  hardware.console('No bootable device.')
  return untilPowerOff(signal)
}

type MediumOutcome = Exclude<IpxeOutcome, { kind: 'kernel' }> | { readonly kind: 'kernel'; readonly loaded: LoadedLinux }

const nothing: MediumOutcome = { kind: 'exit', failed: true }

async function bootMedium(context: GuestContext): Promise<MediumOutcome> {
  const { hardware, clock, signal } = context
  const bytes = await clock.during(() => hardware.medium())
  signal.throwIfAborted()
  if (!bytes) return nothing
  try {
    const image = readIso(bytes)
    if (!image.bootable) {
      hardware.console('The medium has no boot record.')
      return nothing
    }
    const script = scriptNames.map((name) => image.file(name)).find((file) => file !== undefined)
    hardware.console(script ? 'iPXE initialising devices... ok' : 'The medium starts and finds no script.')
    if (!script) return nothing
    const outcome = await runIpxe(script, ipxeMachine(context))
    return outcome.kind === 'kernel' ? { kind: 'kernel', loaded: loadLinux(outcome.kernel, outcome.initrds) } : outcome
  } catch (error) {
    if (!(error instanceof BadImage)) throw error
    hardware.console(`The medium cannot be read: ${error.message}`)
    return nothing
  }
}

function ipxeMachine(context: GuestContext): IpxeMachine {
  const { hardware, clock, signal, client } = context
  return {
    name: hardware.name,
    firmware: hardware.firmware,
    nics: hardware.nics,
    clock,
    signal,
    lease: (nic) => context.lease(nic),
    fetch: (url, abort) => client.fetch(url, abort),
    diskBoots: () => diskBoots(hardware),
    print: (line) => hardware.console(line),
  }
}

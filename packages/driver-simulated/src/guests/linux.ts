import { initrdFormat, isLinuxKernel } from './boot-images.ts'
import { GuestStopped } from './guest-context.ts'
import type { GuestContext } from './guest-context.ts'
import { installByAutoinstall } from './installers/autoinstall.ts'
import type { Installer } from './installers/installer.ts'
import { installByKickstart } from './installers/kickstart.ts'
import { installByPreseed } from './installers/preseed.ts'
import type { IpxeImage } from './ipxe/ipxe-machine.ts'
import { readKernelArguments } from './kernel-arguments.ts'
import type { KernelArguments } from './kernel-arguments.ts'

/** What a boot loader has loaded, as far as it matters: the bytes themselves need not outlive the start. */
export interface LoadedLinux {
  readonly kernel: { readonly name: string; readonly arguments: string; readonly starts: boolean }
  readonly initrds: readonly { readonly name: string; readonly format: ReturnType<typeof initrdFormat> }[]
}

export function loadLinux(kernel: IpxeImage, initrds: readonly IpxeImage[]): LoadedLinux {
  return {
    kernel: { name: kernel.name, arguments: kernel.arguments, starts: isLinuxKernel(kernel.bytes) },
    initrds: initrds.map(({ name, bytes }) => ({ name, format: initrdFormat(bytes) })),
  }
}

/** Starts a kernel; resolves when the machine is to reboot. Throws `GuestStopped`. */
export async function runLinux(context: GuestContext, { kernel, initrds }: LoadedLinux): Promise<void> {
  const { hardware, pace } = context
  if (!kernel.starts) throw new GuestStopped('The kernel does not start.')
  hardware.console(`Linux: ${kernel.name} starts`)
  await context.pause(pace.kernelMs)
  const unreadable = initrds.find(({ format }) => format === undefined)
  if (initrds.length === 0 || unreadable) {
    const why = unreadable ? `initramfs ${unreadable.name} is not readable` : 'there is no initramfs'
    throw new GuestStopped(`Kernel panic - not syncing: VFS: Unable to mount root fs (${why})`)
  }
  const args = readKernelArguments(kernel.arguments)
  const named = args.get('initrd')
  // The EFI stub takes only the files that the command line names.
  if (hardware.firmware === 'uefi' && named !== undefined && !initrds.some(({ name }) => name === named)) {
    throw new GuestStopped(`EFI stub: there is no initrd ${named}`)
  }
  await installerFor(args)(context, args)
  hardware.console('reboot: Restarting system')
}

/** Each installer knows itself by its own words on the command line. */
function installerFor(args: KernelArguments): Installer {
  if (args.has('inst.ks')) return installByKickstart
  if (args.has('autoinstall')) return installByAutoinstall
  if (args.has('preseed/url') || (args.get('auto') === 'true' && args.has('url'))) return installByPreseed
  throw new GuestStopped('An installer starts, is told of no answer file and waits for someone at the keyboard.')
}

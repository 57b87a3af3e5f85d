import type { Libvirt } from '../client/libvirt.ts'
import { xml } from '../client/xml.ts'
import { Aborted, saysNo } from '../errors.ts'
import type { Deed } from '../session.ts'

/** A guest that runs has told so within a second; one that hangs is waited for no longer than this. */
const boundMs = 10_000

/**
 * Whether guests really run under an accelerator. That libvirt offers KVM is not enough: on some machines it opens and every guest
 * hangs. A small guest without any disk is started; its firmware finds nothing to boot and resets, which libvirt is told to take
 * for its end. So a guest that is gone has run.
 *
 * Promises: ends within ten seconds and some; leaves no guest behind.
 */
export async function guestsRun(libvirt: Libvirt, deed: Deed, kind: 'kvm' | 'qemu'): Promise<boolean> {
  const guest = xml(
    'domain',
    { type: kind },
    xml('name', {}, `virtkit-probe-${crypto.randomUUID()}`),
    xml('memory', { unit: 'MiB' }, 64),
    xml('os', {}, xml('type', { arch: 'x86_64', machine: 'pc' }, 'hvm'), xml('bios', { rebootTimeout: 0 })),
    xml('features', {}, xml('acpi')),
    xml('on_reboot', {}, 'destroy'),
    xml('devices', {}, xml('controller', { type: 'usb', model: 'none' }), xml('memballoon', { model: 'none' })),
  )
  let domain
  try {
    domain = await libvirt.runTransient(guest.toString())
  } catch (error) {
    if (error instanceof Error && error.name === 'LibvirtError') return false
    throw error
  }
  let isGone = false
  try {
    for (const until = Date.now() + boundMs; Date.now() < until;) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      if (deed.signal.aborted) throw new Aborted()
      await libvirt.domainState(domain)
    }
    return false
  } catch (error) {
    isGone = saysNo(error, 'noDomain')
    if (isGone) return true
    throw error
  } finally {
    if (!isGone) await deed.undo(() => libvirt.pullPlug(domain))
    // It was nobody's machine.
    deed.harmless()
  }
}

import { type Libvirt, readDomain } from '../client/libvirt.ts'
import { procedures } from '../client/procedures.ts'
import { XdrReader } from '../client/xdr.ts'
import { xml } from '../client/xml.ts'
import { Aborted } from '../errors.ts'
import type { Deed, EventListener, Session } from '../session.ts'

/** A guest that runs has told so within a second or few; one that hangs is waited for no longer than this. */
const boundMs = 10_000
/** The event "stopped", and its detail "shut down". */
const stopped = 5
const shutDown = 0

/**
 * How a libvirt's guests had best run. That it offers KVM is not enough: on some machines KVM opens and guests hang under it, or crawl.
 * So a small guest is run under software emulation and then under KVM, which has twice that time, and one second at least.
 *
 * Promises: ends within twenty seconds and some; leaves no guest behind.
 */
export async function bestAcceleration(session: Session, libvirt: Libvirt, deed: Deed): Promise<'kvm' | 'tcg'> {
  const emulatedMs = await guestRunMs(session, libvirt, deed, 'qemu', boundMs)
  const kvmMs = await guestRunMs(session, libvirt, deed, 'kvm', Math.max(1000, 2 * (emulatedMs ?? boundMs / 2)))
  return kvmMs === undefined ? 'tcg' : 'kvm'
}

/**
 * How long a guest without any disk takes to run its firmware, which finds nothing to boot and resets; libvirt is told to take that for
 * its end. Undefined for one that has not within its time, that cannot be started, or whose QEMU died of itself.
 */
export async function guestRunMs(
  session: Session,
  libvirt: Libvirt,
  deed: Deed,
  kind: 'kvm' | 'qemu',
  withinMs: number,
): Promise<number | undefined> {
  const ends = new Ends()
  session.listeners.add(ends)
  try {
    await session.hearEvents()
    return await runGuest(ends, libvirt, deed, kind, withinMs)
  } finally {
    session.listeners.delete(ends)
  }
}

async function runGuest(
  ends: Ends,
  libvirt: Libvirt,
  deed: Deed,
  kind: 'kvm' | 'qemu',
  withinMs: number,
): Promise<number | undefined> {
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
    if (error instanceof Error && error.name === 'LibvirtError') return undefined
    throw error
  }
  try {
    const startedAt = Date.now()
    while (Date.now() < startedAt + withinMs) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      if (deed.signal.aborted) throw new Aborted()
      const how = ends.of.get(domain.uuid)
      if (how !== undefined) return how === shutDown ? Date.now() - startedAt : undefined
    }
    return undefined
  } finally {
    if (!ends.of.has(domain.uuid)) await deed.undo(() => libvirt.pullPlug(domain))
    // It was nobody's machine.
    deed.harmless()
  }
}

/** Listens for how domains end. */
class Ends implements EventListener {
  readonly of: Map<string, number> = new Map()

  event(procedure: number, body: Buffer): void {
    if (procedure !== procedures.eventLifecycle) return
    const event = new XdrReader(body)
    event.int()
    const { uuid } = readDomain(event)
    if (event.int() === stopped) this.of.set(uuid, event.int())
  }

  lost(): void {
    // The guest ends with the connection, and who waits for it at the bound.
  }
}

import { randomBytes } from 'node:crypto'
import type { Firmware, NicSpec } from '@virtkit/spi'
import { type XmlElement, type XmlFragment, find, parseXml, renderElement, xml } from '../client/xml.ts'
import { type MachineMark, renderMarkInDomain } from './mark.ts'

/** What a new domain is made of; every file is named, whether it is there yet or not. */
export interface DomainPlan {
  readonly uuid: string
  readonly mark: MachineMark
  readonly accel: 'kvm' | 'tcg'
  readonly cpus: number
  readonly memoryMiB: number
  readonly firmware: Firmware
  readonly diskFiles: readonly string[]
  readonly medium?: string
  readonly seed?: string
  /** Where QEMU writes what the guest says on its first serial line. */
  readonly consoleLog?: string
  readonly nics: readonly NicSpec[]
  readonly userNetwork?: string
  readonly notes?: string
}

export function renderDomain(plan: DomainPlan): string {
  const { mark, firmware, medium } = plan
  return xml(
    'domain',
    { type: plan.accel === 'kvm' ? 'kvm' : 'qemu' },
    xml('name', {}, domainName(mark.name)),
    xml('uuid', {}, plan.uuid),
    xml('title', {}, mark.name.replaceAll(/\s+/g, ' ')),
    plan.notes !== undefined && plan.notes !== '' && xml('description', {}, plan.notes),
    xml('metadata', {}, renderMarkInDomain(mark)),
    xml('memory', { unit: 'MiB' }, plan.memoryMiB),
    xml('vcpu', {}, plan.cpus),
    plan.accel === 'kvm' && xml('cpu', { mode: 'host-model' }),
    firmware === 'uefi'
      ? xml(
          'os',
          { firmware: 'efi' },
          xml('type', { arch: 'x86_64', machine: 'q35' }, 'hvm'),
          xml('firmware', {}, xml('feature', { enabled: 'no', name: 'secure-boot' })),
        )
      : xml('os', {}, xml('type', { arch: 'x86_64', machine: 'q35' }, 'hvm')),
    xml('features', {}, xml('acpi'), xml('apic')),
    xml('clock', { offset: 'utc' }),
    xml('on_poweroff', {}, 'destroy'),
    xml('on_reboot', {}, 'restart'),
    xml('on_crash', {}, 'destroy'),
    xml(
      'devices',
      {},
      plan.diskFiles.map((file, i) =>
        xml(
          'disk',
          { type: 'file', device: 'disk' },
          xml('driver', { name: 'qemu', type: 'qcow2', discard: 'unmap' }),
          xml('source', { file }),
          xml('target', { dev: diskTarget(i), bus: 'virtio' }),
          i === 0 && xml('boot', { order: medium === undefined ? 1 : 2 }),
        ),
      ),
      drive('sda', medium, medium === undefined ? undefined : 1),
      plan.seed !== undefined && drive('sdb', plan.seed),
      plan.nics.map((nic, i) => renderNic(nic, plan.userNetwork, 3 + i)),
      // Anew at each start: what a guest writes fills no datastore for ever.
      xml('serial', { type: 'pty' }, plan.consoleLog !== undefined && xml('log', { file: plan.consoleLog, append: 'off' })),
      xml('console', { type: 'pty' }),
      xml(
        'channel',
        { type: 'unix' },
        xml('source', { mode: 'bind' }),
        xml('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }),
      ),
      xml('video', {}, xml('model', { type: 'vga' })),
      xml('rng', { model: 'virtio' }, xml('backend', { model: 'random' }, '/dev/urandom')),
    ),
  ).toString()
}

/** A plain name that no other domain has: the machine's own, as far as it goes, and six random digits. */
function domainName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
  return `${plain.slice(0, 50) || 'machine'}-${randomBytes(3).toString('hex')}`
}

function diskTarget(index: number): string {
  return `vd${String.fromCharCode('a'.charCodeAt(0) + index)}`
}

/** The drive for media, empty without a file. */
export function drive(target: string, file?: string, order?: number): XmlFragment {
  return xml(
    'disk',
    { type: 'file', device: 'cdrom' },
    xml('driver', { name: 'qemu', type: 'raw' }),
    file !== undefined && xml('source', { file }),
    xml('target', { dev: target, bus: 'sata' }),
    xml('readonly'),
    order !== undefined && xml('boot', { order }),
  )
}

function renderNic({ network, mac }: NicSpec, userNetwork: string | undefined, order: number): XmlFragment {
  const isUserMode = network === userNetwork
  return xml(
    'interface',
    { type: isUserMode ? 'user' : 'network' },
    xml('mac', { address: mac }),
    !isUserMode && xml('source', { network }),
    xml('model', { type: 'virtio' }),
    xml('boot', { order }),
  )
}

export interface HardwareChange {
  readonly cpus?: number
  readonly memoryMiB?: number
  readonly nics?: readonly NicSpec[]
}

/** The description with other hardware; what is left out stays, and so does all that we know nothing of. */
export function changeHardware(domain: XmlElement, change: HardwareChange, userNetwork?: string): XmlElement {
  const { cpus, memoryMiB, nics } = change
  const children = domain.children.flatMap((child): readonly XmlElement[] => {
    if (child.name === 'vcpu' && cpus !== undefined) return [parsed(xml('vcpu', {}, cpus))]
    if (child.name === 'cpu' && cpus !== undefined) return [without(child, 'topology')]
    if (child.name === 'memory' && memoryMiB !== undefined) return [parsed(xml('memory', { unit: 'MiB' }, memoryMiB))]
    if (child.name === 'currentMemory' && memoryMiB !== undefined) return []
    if (child.name === 'devices' && nics) {
      const cards = nics.map((nic, i) => parsed(renderNic(nic, userNetwork, 3 + i)))
      return [{ ...child, children: [...without(child, 'interface').children, ...cards] }]
    }
    return [child]
  })
  return { ...domain, children }
}

/** The description with this file, or none, in the drive; with a file it boots first. */
export function changeMedium(domain: XmlElement, target: string, file: string | undefined): XmlElement {
  const devices = find(domain, 'devices')
  if (!devices) return domain
  const disks = devices.children.map((device): XmlElement => {
    if (device.name !== 'disk') return withoutBoot(device)
    if (find(device, 'target')?.attributes['dev'] === target)
      return parsed(drive(target, file, file === undefined ? undefined : 1))
    return withoutBoot(device)
  })
  let order = file === undefined ? 1 : 2
  const ordered = disks.map((device): XmlElement => {
    const isDisk = device.name === 'disk' && (device.attributes['device'] ?? 'disk') === 'disk'
    if (!isDisk && device.name !== 'interface') return device
    const boot = parsed(xml('boot', { order }))
    order += 1
    return { ...device, children: [...device.children, boot] }
  })
  const children = domain.children.map((child): XmlElement => {
    // The order of devices and that of kinds exclude each other.
    if (child.name === 'os') return without(child, 'boot')
    return child === devices ? { ...devices, children: ordered } : child
  })
  return { ...domain, children }
}

export function renderChanged(domain: XmlElement): string {
  return renderElement(domain).toString()
}

function withoutBoot(device: XmlElement): XmlElement {
  return device.name === 'disk' || device.name === 'interface' ? without(device, 'boot') : device
}

function without(element: XmlElement, name: string): XmlElement {
  return { ...element, children: element.children.filter((child) => child.name !== name) }
}

function parsed(fragment: XmlFragment): XmlElement {
  return parseXml(fragment.toString())
}

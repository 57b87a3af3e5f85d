import type { DiskSpec } from '@virtkit/spi'

type Provisioning = DiskSpec['provisioning']

const files = new Set(['dir', 'nfs', 'cifs', 'glusterfs'])
const thin = new Set(['lvmthin', 'zfspool', 'rbd', 'btrfs', 'zfs'])

/** Whether a storage of this type keeps disks in files, whose format can be chosen. */
export const holdsFiles = (type: string): boolean => files.has(type)

/**
 * How disks of one kind are kept on a storage of this type: with which format, or not at all. Everywhere but in files the storage
 * decides; in files, qcow2 grows as it is written, and raw is what is counted at its full size.
 */
export function formatFor(type: string, provisioning: Provisioning): { readonly format?: 'qcow2' | 'raw' } | undefined {
  if (holdsFiles(type)) return { format: provisioning === 'thin' ? 'qcow2' : 'raw' }
  return provisioning === (thin.has(type) ? 'thin' : 'thick') ? {} : undefined
}

export function provisioningOf(volid: string, type: string | undefined): Provisioning {
  if (type === undefined || holdsFiles(type)) return volid.endsWith('.raw') ? 'thick' : 'thin'
  return thin.has(type) ? 'thin' : 'thick'
}

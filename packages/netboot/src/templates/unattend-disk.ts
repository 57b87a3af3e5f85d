import type { PlanValues } from '../plan/plan-values.ts'
import { type XmlElement, xml } from './xml.ts'

const added = { 'wcm:action': 'add' }

interface Partition {
  readonly type: string
  readonly sizeMiB?: number
  readonly format?: string
  readonly label?: string
  readonly active?: boolean
}

/** The whole first disk, as the firmware wants it. The last partition takes what is left, and Windows goes there. */
export function unattendDisk(firmware: PlanValues['firmware']): XmlElement {
  const partitions: readonly Partition[] =
    firmware === 'uefi'
      ? [
          { type: 'EFI', sizeMiB: 260, format: 'FAT32', label: 'System' },
          { type: 'MSR', sizeMiB: 16 },
          { type: 'Primary', format: 'NTFS', label: 'Windows' },
        ]
      : [
          { type: 'Primary', sizeMiB: 500, format: 'NTFS', label: 'System', active: true },
          { type: 'Primary', format: 'NTFS', label: 'Windows' },
        ]
  const disk = [
    xml('DiskID', '0'),
    xml('WillWipeDisk', 'true'),
    xml('CreatePartitions', partitions.map(create)),
    xml('ModifyPartitions', partitions.map(modify)),
  ]
  return xml('DiskConfiguration', [xml('WillShowUI', 'OnError'), xml('Disk', disk, added)])
}

function create({ type, sizeMiB }: Partition, index: number): XmlElement {
  const size = sizeMiB === undefined ? xml('Extend', 'true') : xml('Size', String(sizeMiB))
  return xml('CreatePartition', [xml('Order', String(index + 1)), size, xml('Type', type)], added)
}

function modify({ format, label, active }: Partition, index: number): XmlElement {
  const at = String(index + 1)
  return xml(
    'ModifyPartition',
    [
      xml('Order', at),
      xml('PartitionID', at),
      active === true ? xml('Active', 'true') : undefined,
      format === undefined ? undefined : xml('Format', format),
      label === undefined ? undefined : xml('Label', label),
    ],
    added,
  )
}

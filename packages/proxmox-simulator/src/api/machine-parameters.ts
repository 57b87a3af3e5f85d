import { type Parameter, type Parameters, decimal, flag, oneOf, optional, text, whole } from './parameters.ts'

const locks = ['backup', 'clone', 'create', 'migrate', 'rollback', 'snapshot', 'snapshot-delete', 'suspending', 'suspended']
const osTypes = ['other', 'wxp', 'w2k', 'w2k3', 'w2k8', 'wvista', 'win7', 'win8', 'win10', 'win11', 'l24', 'l26', 'solaris']
const scsiTypes = ['lsi', 'lsi53c810', 'virtio-scsi-pci', 'virtio-scsi-single', 'megasas', 'pvscsi']
const keyboards = 'de de-ch da en-gb en-us es fi fr fr-be fr-ca fr-ch hu is it ja lt mk nl no pl pt pt-br sv sl tr'.split(
  ' ',
)

const drive = text({ format: 'drive' })

/** What the configuration of a machine may hold. */
export const configParameters: Parameters = optional({
  acpi: flag,
  affinity: text(),
  agent: text({ format: 'agent' }),
  'amd-sev': text(),
  arch: oneOf('x86_64', 'aarch64'),
  args: text(),
  audio0: text(),
  autostart: flag,
  balloon: whole(0),
  bios: oneOf('seabios', 'ovmf'),
  boot: text(),
  bootdisk: text({ pattern: /(?:ide|sata|scsi|virtio)\d+/ }),
  cdrom: drive,
  cicustom: text(),
  cipassword: text(),
  citype: oneOf('configdrive2', 'nocloud', 'opennebula'),
  ciupgrade: flag,
  ciuser: text(),
  cores: whole(1),
  cpu: text(),
  cpulimit: decimal(0, 128),
  cpuunits: whole(1, 262_144),
  description: text({ maxLength: 8192 }),
  efidisk0: drive,
  freeze: flag,
  hookscript: text(),
  'hostpci[n]': text(),
  hotplug: text(),
  hugepages: oneOf('any', '2', '1024'),
  'ide[n]': drive,
  'ipconfig[n]': text(),
  ivshmem: text(),
  keephugepages: flag,
  keyboard: oneOf(...keyboards),
  kvm: flag,
  localtime: flag,
  lock: oneOf(...locks),
  machine: text(),
  memory: text({ format: 'memory' }),
  migrate_downtime: decimal(0),
  migrate_speed: whole(0),
  name: text({ format: 'dns-name' }),
  nameserver: text({ format: 'address-list' }),
  'net[n]': text({ format: 'net' }),
  numa: flag,
  'numa[n]': text(),
  onboot: flag,
  ostype: oneOf(...osTypes),
  'parallel[n]': text({ pattern: /\/dev\/parport\d+|\/dev\/usb\/lp\d+/ }),
  protection: flag,
  reboot: flag,
  rng0: text(),
  'sata[n]': drive,
  'scsi[n]': drive,
  scsihw: oneOf(...scsiTypes),
  searchdomain: text(),
  'serial[n]': text({ pattern: /(?:\/dev\/.+|socket)/ }),
  shares: whole(0, 50_000),
  smbios1: text({ maxLength: 512 }),
  smp: whole(1),
  sockets: whole(1),
  spice_enhancements: text(),
  sshkeys: text(),
  startdate: text({ pattern: /now|\d{4}-\d{1,2}-\d{1,2}(?:T\d{1,2}:\d{1,2}:\d{1,2})?/ }),
  startup: text(),
  tablet: flag,
  tags: text({ format: 'tags' }),
  tdf: flag,
  template: flag,
  tpmstate0: drive,
  'unused[n]': text(),
  'usb[n]': text(),
  vcpus: whole(1),
  vga: text(),
  'virtio[n]': drive,
  'virtiofs[n]': text(),
  vmgenid: text({ pattern: /(?:[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}|[01])/ }),
  vmstatestorage: text({ format: 'storage' }),
  watchdog: text(),
})

export const vmid: Parameter = whole(100, 999_999_999)
export const machineId: Parameters = { vmid }

/** What creating takes besides. */
export const createParameters: Parameters = {
  ...configParameters,
  ...machineId,
  ...optional({
    archive: text({ maxLength: 255 }),
    bwlimit: whole(0),
    force: { ...flag, requires: 'archive' },
    'import-working-storage': text({ format: 'storage' }),
    'live-restore': flag,
    pool: text({ format: 'pool' }),
    start: flag,
    storage: text({ format: 'storage' }),
    unique: { ...flag, requires: 'archive' },
  }),
}

/** What changing takes besides. */
export const updateParameters: Parameters = {
  ...configParameters,
  ...optional({
    delete: text({ format: 'config-id-list' }),
    digest: text({ maxLength: 40 }),
    force: { ...flag, requires: 'delete' },
    revert: text({ format: 'config-id-list' }),
    skiplock: flag,
  }),
}

export const changeInBackground: Parameters = {
  ...updateParameters,
  ...optional({ background_delay: whole(1, 30), 'import-working-storage': text({ format: 'storage' }) }),
}

import type { Release } from '../world/world.ts'

const vmConfig = ['CDROM', 'CPU', 'Cloudinit', 'Disk', 'HWType', 'Memory', 'Network', 'Options'].map(
  (name) => `VM.Config.${name}`,
)
const vmUser = ['VM.Audit', 'VM.Backup', 'VM.Config.CDROM', 'VM.Config.Cloudinit', 'VM.Console', 'VM.PowerMgmt']
const guestAgent = ['Audit', 'FileRead', 'FileSystemMgmt', 'FileWrite', 'Unrestricted'].map(
  (name) => `VM.GuestAgent.${name}`,
)
const vmAdmin = [...vmUser, ...vmConfig, 'VM.Allocate', 'VM.Clone', 'VM.Migrate', 'VM.Snapshot', 'VM.Snapshot.Rollback']
const datastoreUser = ['Datastore.AllocateSpace', 'Datastore.Audit']
const datastoreAdmin = [...datastoreUser, 'Datastore.Allocate', 'Datastore.AllocateTemplate']
const auditor = ['Datastore.Audit', 'Mapping.Audit', 'Pool.Audit', 'SDN.Audit', 'Sys.Audit', 'VM.Audit']
const sysAdmin = ['Sys.Audit', 'Sys.Console', 'Sys.Syslog']
const adminOnly = [
  'Permissions.Modify',
  'Realm.Allocate',
  'Sys.AccessNetwork',
  'Sys.Incoming',
  'Sys.Modify',
  'Sys.PowerMgmt',
]
const userAdmin = ['Group.Allocate', 'Realm.AllocateUser', 'User.Modify']
const sdn = ['SDN.Allocate', 'SDN.Audit', 'SDN.Use']
const mapping = ['Mapping.Audit', 'Mapping.Modify', 'Mapping.Use']
const pool = ['Pool.Allocate', 'Pool.Audit']

/** Version 9 put the guest agent's privileges in the place of `VM.Monitor`. */
const ofRelease: Readonly<Record<Release, { readonly user: readonly string[]; readonly admin: readonly string[] }>> = {
  '8.4': { user: [], admin: ['VM.Monitor'] },
  '9.2': { user: ['VM.GuestAgent.Audit'], admin: [...guestAgent, 'VM.Replicate'] },
}

/** The roles that are there without anybody making them. */
export function builtInRoles(release: Release): Map<string, ReadonlySet<string>> {
  const { user, admin } = ofRelease[release]
  const fullVm = [...vmAdmin, ...admin]
  const pveAdmin = [...fullVm, ...datastoreAdmin, ...sysAdmin, ...userAdmin, ...sdn, ...mapping, ...pool]
  const roles: Readonly<Record<string, readonly string[]>> = {
    Administrator: [...pveAdmin, ...adminOnly],
    NoAccess: [],
    PVEAdmin: pveAdmin,
    PVEAuditor: [...auditor, ...user],
    PVEDatastoreAdmin: datastoreAdmin,
    PVEDatastoreUser: datastoreUser,
    PVEMappingAdmin: mapping,
    PVEPoolAdmin: pool,
    PVEPoolUser: ['Pool.Audit'],
    PVESDNAdmin: sdn,
    PVESDNUser: ['SDN.Audit', 'SDN.Use'],
    PVESysAdmin: sysAdmin,
    PVETemplateUser: ['VM.Audit', 'VM.Clone'],
    PVEUserAdmin: userAdmin,
    PVEVMAdmin: fullVm,
    PVEVMUser: [...vmUser, ...user],
  }
  return new Map(Object.entries(roles).map(([role, privileges]) => [role, new Set(privileges)]))
}

/** What an agent call needs: one privilege before version 9, several for several purposes since. */
export function agentPrivileges(release: Release, purpose: 'read' | 'command' | 'exec'): readonly string[] {
  if (release === '8.4') return ['VM.Monitor']
  return purpose === 'exec' ? ['VM.GuestAgent.Unrestricted'] : ['VM.GuestAgent.Audit', 'VM.GuestAgent.Unrestricted']
}

const privilegeOfKeys: readonly (readonly [RegExp, string])[] = [
  [/^(?:unused\d+|ide\d|sata\d|scsi\d+|virtio\d+|efidisk0|tpmstate0|boot|bootdisk|vmstatestorage)$/, 'VM.Config.Disk'],
  [/^(?:memory|balloon|shares)$/, 'VM.Config.Memory'],
  [/^(?:cores|sockets|cpu|cpulimit|cpuunits|numa|numa\d+|vcpus|smp|affinity)$/, 'VM.Config.CPU'],
  [/^net\d+$/, 'VM.Config.Network'],
  [
    /^(?:acpi|audio0|hotplug|kvm|machine|scsihw|smbios1|tablet|vga|watchdog|serial\d|usb\d+|hostpci\d+|parallel\d|rng0|hugepages)$/,
    'VM.Config.HWType',
  ],
]

/** Which privilege a key of the configuration asks for; where there are several, one is enough. */
export function configPrivileges(key: string, value: string): readonly string[] {
  if (/^(?:ide|sata|scsi)\d+$/.test(key) && /(?:^|,)media=cdrom|^(?:none|cdrom)(?:,|$)/.test(value))
    return ['VM.Config.CDROM']
  if (/^(?:ci\w+|ipconfig\d+|nameserver|searchdomain|sshkeys)$/.test(key))
    return ['VM.Config.Cloudinit', 'VM.Config.Network']
  return [privilegeOfKeys.find(([pattern]) => pattern.test(key))?.[1] ?? 'VM.Config.Options']
}

/** Keys that `root@pam` alone may set, and no token of his. */
export const rootOnlyKey: RegExp = /^(?:args|lock|hookscript|parent|snaptime|vmstate|runningmachine|runningcpu|hostpci\d+)$/

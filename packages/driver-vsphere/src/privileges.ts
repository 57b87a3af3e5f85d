/** On what a privilege is looked at. */
export type PrivilegeScope = 'folder' | 'pool' | 'datastore' | 'network'

export interface NeededPrivilege {
  /** Our words: `machines.create`. */
  readonly operation: string
  /** vSphere's words. */
  readonly privilege: string
  readonly on: PrivilegeScope
  /** Needed of a vCenter only. */
  readonly vcenterOnly?: true
}

const onMachines = (operation: string, ...privileges: readonly string[]): NeededPrivilege[] =>
  privileges.map((privilege) => ({ operation, privilege: `VirtualMachine.${privilege}`, on: 'folder' }))

const datastore = (operation: string, ...privileges: readonly string[]): NeededPrivilege[] =>
  privileges.map((privilege) => ({ operation, privilege: `Datastore.${privilege}`, on: 'datastore' }))

/** What each operation needs beside `System.Read`. The README's table is made of this list. */
export const neededPrivileges: readonly NeededPrivilege[] = [
  ...onMachines(
    'machines.create',
    'Inventory.Create',
    'Config.AddNewDisk',
    'Config.AddRemoveDevice',
    'Config.AdvancedConfig',
    'Config.Settings',
  ),
  { operation: 'machines.create', privilege: 'Resource.AssignVMToPool', on: 'pool' },
  ...datastore('machines.create', 'AllocateSpace'),
  { operation: 'machines.create', privilege: 'Network.Assign', on: 'network' },
  ...onMachines('machines.mark', 'Config.AdvancedConfig'),
  ...onMachines(
    'machines.reconfigure',
    'Config.CPUCount',
    'Config.Memory',
    'Config.Rename',
    'Config.DiskExtend',
    'Config.AddRemoveDevice',
    'Config.EditDevice',
  ),
  { operation: 'machines.reconfigure', privilege: 'Network.Assign', on: 'network' },
  ...onMachines('machines.destroy', 'Inventory.Delete', 'Interact.PowerOff'),
  ...onMachines('power.on', 'Interact.PowerOn'),
  ...onMachines('power.off', 'Interact.PowerOff'),
  ...onMachines('power.shutdown', 'Interact.PowerOff'),
  ...datastore('media.upload', 'Browse', 'FileManagement'),
  ...datastore('media.remove', 'FileManagement'),
  ...onMachines('media.insert', 'Interact.SetCDMedia', 'Interact.DeviceConnection', 'Config.Settings'),
  ...datastore('media.insert', 'Browse'),
  ...onMachines('media.eject', 'Interact.SetCDMedia', 'Interact.DeviceConnection', 'Config.Settings'),
  ...onMachines('snapshots.create', 'State.CreateSnapshot'),
  ...datastore('snapshots.create', 'AllocateSpace'),
  ...onMachines('snapshots.rename', 'State.RenameSnapshot'),
  ...onMachines('snapshots.revert', 'State.RevertToSnapshot', 'Config.AdvancedConfig'),
  ...onMachines('snapshots.remove', 'State.RemoveSnapshot'),
  {
    operation: 'templates.register',
    privilege: 'VirtualMachine.Provisioning.MarkAsTemplate',
    on: 'folder',
    vcenterOnly: true,
  },
  {
    operation: 'templates.clone',
    privilege: 'VirtualMachine.Provisioning.DeployTemplate',
    on: 'folder',
    vcenterOnly: true,
  },
  {
    operation: 'templates.clone',
    privilege: 'VirtualMachine.Inventory.CreateFromExisting',
    on: 'folder',
    vcenterOnly: true,
  },
  { operation: 'templates.clone', privilege: 'VirtualMachine.Config.Rename', on: 'folder', vcenterOnly: true },
]

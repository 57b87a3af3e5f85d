/** Numbers for the hypervisor's own snapshot names; nothing else about a snapshot is kept here. */
export interface SnapshotTable {
  machineKey: number
  key: number
  id: string
}

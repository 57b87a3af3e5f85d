import type { GuestHardware } from './guest-hardware.ts'
import { normalPath } from './file-tree.ts'
import type { FileTree } from './file-tree.ts'

// A disk answers by path only: the installed system keeps a list of its files, as a file system would.
const listPath = '/var/lib/virtkit-sim/files'
/** How often a system has been installed on this disk. */
export const installsPath = '/var/lib/virtkit-sim/installs'
const releasePath = '/etc/os-release'
/** Where systems that we did not install keep their network configuration. */
const wellKnown = [
  releasePath,
  '/etc/hostname',
  '/etc/network/interfaces',
  '/etc/netplan/50-cloud-init.yaml',
  '/var/lib/cloud/seed/nocloud/network-config',
]

/** The disk holds a system that starts. */
export function diskBoots(hardware: GuestHardware): boolean {
  return Boolean(hardware.readDisk(releasePath))
}

/** The files of the installed system. */
export function diskFiles(hardware: GuestHardware): FileTree {
  const listed = new Set((hardware.readDisk(listPath) ?? '').split('\n').filter((path) => path !== ''))
  for (const path of wellKnown) if (hardware.readDisk(path)) listed.add(path)
  const save = (files: Readonly<Record<string, string>>): void =>
    hardware.writeDisk({ ...files, [listPath]: [...listed].toSorted().join('\n') })

  return {
    read: (path) => (listed.has(normalPath(path)) ? hardware.readDisk(normalPath(path)) : undefined),
    write: (path, text) => {
      listed.add(normalPath(path))
      save({ [normalPath(path)]: text })
    },
    remove: (path) => {
      const gone = [...listed].filter((known) => known === normalPath(path) || known.startsWith(`${normalPath(path)}/`))
      for (const known of gone) listed.delete(known)
      if (gone.length > 0) save(Object.fromEntries(gone.map((known) => [known, ''])))
    },
    paths: () => [...listed].toSorted(),
  }
}

/** Takes everything off the disk: from now on it does not boot. */
export function wipeDisk(hardware: GuestHardware): void {
  const files = diskFiles(hardware)
  for (const path of files.paths()) files.remove(path)
}

/** Writes an installed system and counts the installation. */
export function writeSystem(hardware: GuestHardware, files: Readonly<Record<string, string>>): void {
  const installs = Number(hardware.readDisk(installsPath) ?? 0) + 1
  hardware.writeDisk({
    ...files,
    [installsPath]: String(installs),
    [listPath]: Object.keys(files).toSorted().join('\n'),
  })
}

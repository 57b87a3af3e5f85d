import type { KickstartRelease } from './netboot-release.ts'

/** Red Hat Enterprise Linux 9 and its relatives: one layout of mirrors for all (`BaseOS` and `AppStream`). */
export const rhelReleases: readonly KickstartRelease[] = [
  enterprise({
    key: 309,
    id: 'rocky-9',
    name: 'Rocky Linux 9',
    endOfLife: '2032-05-31',
    mirror: 'https://download.rockylinux.org/pub/rocky/9',
  }),
  enterprise({
    key: 329,
    id: 'almalinux-9',
    name: 'AlmaLinux OS 9',
    endOfLife: '2032-05-31',
    mirror: 'https://repo.almalinux.org/almalinux/9',
  }),
  enterprise({
    key: 349,
    id: 'centos-stream-9',
    name: 'CentOS Stream 9',
    endOfLife: '2027-05-31',
    mirror: 'https://mirror.stream.centos.org/9-stream',
  }),
  // Red Hat has no public mirror: plans name the customer's own, laid out like those above.
  enterprise({ key: 369, id: 'rhel-9', name: 'Red Hat Enterprise Linux 9', endOfLife: '2032-05-31' }),
]

interface EnterpriseFacts {
  readonly key: number
  readonly id: string
  readonly name: string
  readonly endOfLife: string
  readonly mirror?: string
}

function enterprise(facts: EnterpriseFacts): KickstartRelease {
  const tree = 'BaseOS/x86_64/os'
  return {
    ...facts,
    family: 'rhel',
    version: '9',
    architecture: 'amd64',
    minimum: { cpus: 1, memoryMiB: 2048, diskMiB: 10240 },
    recommended: { cpus: 2, memoryMiB: 4096, diskMiB: 20480 },
    installer: 'kickstart',
    tree,
    repositories: [{ name: 'AppStream', path: 'AppStream/x86_64/os' }],
    fileSystem: 'xfs',
    bootFiles: { kernel: `${tree}/images/pxeboot/vmlinuz`, initrd: `${tree}/images/pxeboot/initrd.img` },
  }
}

import type { KickstartRelease } from './netboot-release.ts'

/** Fedora, by the installation tree of "Everything". End of life: https://fedorapeople.org/groups/schedule/ */
export const fedoraReleases: readonly KickstartRelease[] = [fedora(42, '2026-05-13'), fedora(43, '2026-12-09')]

function fedora(version: number, endOfLife: string): KickstartRelease {
  const tree = 'Everything/x86_64/os'
  return {
    key: 400 + version,
    id: `fedora-${version}`,
    family: 'fedora',
    name: `Fedora Linux ${version}`,
    version: String(version),
    architecture: 'amd64',
    minimum: { cpus: 1, memoryMiB: 2048, diskMiB: 10240 },
    recommended: { cpus: 2, memoryMiB: 4096, diskMiB: 20480 },
    endOfLife,
    installer: 'kickstart',
    mirror: `https://dl.fedoraproject.org/pub/fedora/linux/releases/${version}`,
    tree,
    repositories: [],
    fileSystem: 'ext4',
    bootFiles: {
      kernel: `${tree}/images/pxeboot/vmlinuz`,
      initrd: `${tree}/images/pxeboot/initrd.img`,
      sums: { url: `${tree}/.treeinfo`, algorithm: 'sha256' },
    },
  }
}

import type { AlpineRelease } from './netboot-release.ts'

/** Alpine, by its netboot system. End of life: https://alpinelinux.org/releases/ */
export const alpineReleases: readonly AlpineRelease[] = [
  alpine(21, '2026-11-01'),
  alpine(22, '2027-05-01'),
  alpine(23, '2027-11-01'),
]

function alpine(minor: number, endOfLife: string): AlpineRelease {
  const branch = `v3.${minor}`
  const folder = `${branch}/releases/x86_64/netboot`
  return {
    key: 6300 + minor,
    id: `alpine-3.${minor}`,
    family: 'alpine',
    name: `Alpine Linux 3.${minor}`,
    version: `3.${minor}`,
    architecture: 'amd64',
    // The netboot system runs from memory, its modules too.
    minimum: { cpus: 1, memoryMiB: 512, diskMiB: 2048 },
    recommended: { cpus: 1, memoryMiB: 1024, diskMiB: 4096 },
    endOfLife,
    installer: 'alpine',
    branch,
    mirror: 'http://dl-cdn.alpinelinux.org/alpine',
    bootFiles: { kernel: `${folder}/vmlinuz-lts`, initrd: `${folder}/initramfs-lts` },
    modules: `${folder}/modloop-lts`,
  }
}

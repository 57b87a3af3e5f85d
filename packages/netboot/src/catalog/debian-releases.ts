import type { OsSize } from '@virtkit/spi'
import type { PreseedRelease } from './netboot-release.ts'

// https://www.debian.org/releases/stable/amd64/ch03s04 (sizes, rounded up), https://wiki.debian.org/LTS (end of life)
const minimum: OsSize = { cpus: 1, memoryMiB: 1024, diskMiB: 4096 }
const recommended: OsSize = { cpus: 2, memoryMiB: 2048, diskMiB: 20480 }

/** Debian, by debian-installer's netboot images. */
export const debianReleases: readonly PreseedRelease[] = [
  debian(11, 'bullseye', '2026-08-31'),
  debian(12, 'bookworm', '2028-06-30'),
  debian(13, 'trixie', '2030-06-30'),
]

function debian(version: number, suite: string, endOfLife: string): PreseedRelease {
  const images = `dists/${suite}/main/installer-amd64/current/images/netboot/debian-installer/amd64`
  return {
    key: 100 + version,
    id: `debian-${version}`,
    family: 'debian',
    name: `Debian GNU/Linux ${version} (${suite})`,
    version: String(version),
    architecture: 'amd64',
    minimum,
    recommended,
    endOfLife,
    installer: 'preseed',
    suite,
    mirror: 'http://deb.debian.org/debian',
    bootFiles: { kernel: `${images}/linux`, initrd: `${images}/initrd.gz` },
  }
}

import type { PreseedRelease } from './netboot-release.ts'
import { osinfo } from './osinfo.generated.ts'
import { noLessThan } from './sizes.ts'

// https://www.debian.org/releases/stable/amd64/ch03s04 (sizes, rounded up), https://wiki.debian.org/LTS (end of life)
const minimum = { cpus: 1, memoryMiB: 1024, diskMiB: 4096 }
const recommended = { cpus: 2, memoryMiB: 2048, diskMiB: 20480 }

/** Debian, by debian-installer's netboot images. */
export const debianReleases: readonly PreseedRelease[] = [
  debian(11, 'bullseye', '2026-08-31'),
  debian(12, 'bookworm', '2028-06-30'),
  debian(13, 'trixie', '2030-06-30'),
]

function debian(version: number, suite: string, endOfLife: string): PreseedRelease {
  const images = `dists/${suite}/main/installer-amd64/current/images`
  const folder = `${images}/netboot/debian-installer/amd64`
  const cloud = `https://cloud.debian.org/images/cloud/${suite}/latest`
  const id = `debian-${version}`
  return {
    key: 100 + version,
    id,
    family: 'debian',
    name: `Debian GNU/Linux ${version} (${suite})`,
    version: String(version),
    architecture: 'amd64',
    minimum: noLessThan(minimum, osinfo[id]?.minimum),
    recommended: noLessThan(recommended, osinfo[id]?.recommended),
    endOfLife,
    installer: 'preseed',
    suite,
    mirror: 'http://deb.debian.org/debian',
    bootFiles: {
      kernel: `${folder}/linux`,
      initrd: `${folder}/initrd.gz`,
      sums: {
        url: `${images}/SHA256SUMS`,
        algorithm: 'sha256',
        listedIn: { url: `dists/${suite}/InRelease`, algorithm: 'sha256', signature: { kind: 'openpgp-inline' } },
      },
    },
    cloudImage: {
      url: `${cloud}/debian-${version}-genericcloud-amd64.qcow2`,
      sums: { url: `${cloud}/SHA512SUMS`, algorithm: 'sha512' },
    },
  }
}

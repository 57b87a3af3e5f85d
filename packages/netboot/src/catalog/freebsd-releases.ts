import type { BsdinstallRelease } from './netboot-release.ts'

/** FreeBSD, from its boot-only image. End of life: https://www.freebsd.org/security/ */
export const freebsdReleases: readonly BsdinstallRelease[] = [
  freebsd('14.3', 7143, '2026-06-30'),
  freebsd('14.4', 7144),
  freebsd('15.0', 7150, '2026-09-30'),
]

function freebsd(version: string, key: number, endOfLife?: string): BsdinstallRelease {
  const images = `https://download.freebsd.org/releases/amd64/amd64/ISO-IMAGES/${version}`
  return {
    key,
    id: `freebsd-${version}`,
    family: 'freebsd',
    name: `FreeBSD ${version}`,
    version,
    architecture: 'amd64',
    minimum: { cpus: 1, memoryMiB: 1024, diskMiB: 8192 },
    recommended: { cpus: 2, memoryMiB: 2048, diskMiB: 20480 },
    ...(endOfLife !== undefined && { endOfLife }),
    installer: 'bsdinstall',
    mirror: `https://download.freebsd.org/releases/amd64/${version}-RELEASE`,
    image: {
      url: `${images}/FreeBSD-${version}-RELEASE-amd64-bootonly.iso`,
      sums: { url: `${images}/CHECKSUM.SHA256-FreeBSD-${version}-RELEASE-amd64`, algorithm: 'sha256' },
    },
  }
}

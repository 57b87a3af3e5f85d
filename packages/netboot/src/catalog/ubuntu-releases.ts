import type { AutoinstallRelease } from './netboot-release.ts'

/**
 * Ubuntu Server, by the netboot files and the live image of https://releases.ubuntu.com. That server keeps the newest point
 * release only: a host that needs another one adds a release of its own.
 *
 * The whole live image is held in memory while it installs, hence the minimum.
 */
export const ubuntuReleases: readonly AutoinstallRelease[] = [
  ubuntu({
    key: 2204,
    version: '22.04',
    point: '22.04.5',
    codename: 'Jammy Jellyfish',
    memoryMiB: 4096,
    endOfLife: '2027-04-30',
  }),
  ubuntu({
    key: 2404,
    version: '24.04',
    point: '24.04.3',
    codename: 'Noble Numbat',
    memoryMiB: 6144,
    endOfLife: '2029-04-30',
  }),
]

interface UbuntuFacts {
  readonly key: number
  readonly version: string
  readonly point: string
  readonly codename: string
  readonly memoryMiB: number
  readonly endOfLife: string
}

function ubuntu({ key, version, point, codename, memoryMiB, endOfLife }: UbuntuFacts): AutoinstallRelease {
  const base = `https://releases.ubuntu.com/${version}`
  return {
    key,
    id: `ubuntu-${version}`,
    family: 'ubuntu',
    name: `Ubuntu Server ${version} LTS (${codename})`,
    version,
    architecture: 'amd64',
    minimum: { cpus: 1, memoryMiB, diskMiB: 10240 },
    recommended: { cpus: 2, memoryMiB: memoryMiB + 2048, diskMiB: 25600 },
    endOfLife,
    installer: 'autoinstall',
    mirror: 'http://archive.ubuntu.com/ubuntu',
    bootFiles: { base, kernel: 'netboot/amd64/linux', initrd: 'netboot/amd64/initrd' },
    liveImage: `${base}/ubuntu-${point}-live-server-amd64.iso`,
  }
}

import type { AutoinstallRelease, PreseedRelease } from './netboot-release.ts'
import { osinfo } from './osinfo.generated.ts'
import type { PublishedFile } from './published-files.ts'
import { noLessThan } from './sizes.ts'

/**
 * Ubuntu Server, by the netboot files and the live image of https://releases.ubuntu.com. That server keeps the newest point
 * release only: a host that needs another one adds a release of its own. 20.04 is the last one that debian-installer installs.
 *
 * The whole live image is held in memory while it installs, hence the minimum. End of life: the day when updates end that
 * everybody gets (distro-info-data).
 */
export const ubuntuReleases: readonly (AutoinstallRelease | PreseedRelease)[] = [
  focal(),
  ubuntu({
    key: 2204,
    version: '22.04',
    point: '22.04.5',
    codename: 'Jammy Jellyfish',
    memoryMiB: 4096,
    endOfLife: '2027-06-01',
  }),
  ubuntu({
    key: 2404,
    version: '24.04',
    point: '24.04.5',
    codename: 'Noble Numbat',
    memoryMiB: 6144,
    endOfLife: '2029-05-31',
  }),
  ubuntu({
    key: 2604,
    version: '26.04',
    point: '26.04.1',
    codename: 'Resolute Raccoon',
    memoryMiB: 6144,
    endOfLife: '2031-05-29',
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
  const id = `ubuntu-${version}`
  return {
    key,
    id,
    family: 'ubuntu',
    name: `Ubuntu Server ${version} LTS (${codename})`,
    version,
    architecture: 'amd64',
    minimum: noLessThan({ cpus: 1, memoryMiB, diskMiB: 10240 }, osinfo[id]?.minimum),
    recommended: noLessThan({ cpus: 2, memoryMiB: memoryMiB + 2048, diskMiB: 25600 }, osinfo[id]?.recommended),
    endOfLife,
    installer: 'autoinstall',
    mirror: 'http://archive.ubuntu.com/ubuntu',
    bootFiles: { base, kernel: 'netboot/amd64/linux', initrd: 'netboot/amd64/initrd' },
    liveImage: `${base}/ubuntu-${point}-live-server-amd64.iso`,
    liveImageSums: {
      url: `${base}/SHA256SUMS`,
      algorithm: 'sha256',
      signature: { kind: 'openpgp', url: `${base}/SHA256SUMS.gpg` },
    },
    cloudImage: cloudImage(codename),
  }
}

function focal(): PreseedRelease {
  const images = 'dists/focal/main/installer-amd64/current/legacy-images'
  const folder = `${images}/netboot/ubuntu-installer/amd64`
  const facts = osinfo['ubuntu-20.04']
  return {
    key: 2004,
    id: 'ubuntu-20.04',
    family: 'ubuntu',
    name: 'Ubuntu Server 20.04 LTS (Focal Fossa)',
    version: '20.04',
    architecture: 'amd64',
    minimum: noLessThan({ cpus: 1, memoryMiB: 1024, diskMiB: 5120 }, facts?.minimum),
    recommended: noLessThan({ cpus: 2, memoryMiB: 2048, diskMiB: 25600 }, facts?.recommended),
    endOfLife: '2025-05-29',
    installer: 'preseed',
    suite: 'focal',
    mirror: 'http://archive.ubuntu.com/ubuntu',
    bootFiles: {
      kernel: `${folder}/linux`,
      initrd: `${folder}/initrd.gz`,
      sums: { url: `${images}/SHA256SUMS`, algorithm: 'sha256' },
    },
    cloudImage: cloudImage('Focal Fossa'),
  }
}

function cloudImage(codename: string): PublishedFile {
  const suite = codename.split(' ', 1)[0]?.toLowerCase() ?? ''
  const folder = `https://cloud-images.ubuntu.com/${suite}/current`
  return {
    url: `${folder}/${suite}-server-cloudimg-amd64.img`,
    sums: {
      url: `${folder}/SHA256SUMS`,
      algorithm: 'sha256',
      signature: { kind: 'openpgp', url: `${folder}/SHA256SUMS.gpg` },
    },
  }
}

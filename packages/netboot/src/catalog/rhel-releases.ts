import type { KickstartRelease } from './netboot-release.ts'
import { osinfo } from './osinfo.generated.ts'
import type { PublishedFile } from './published-files.ts'
import { noLessThan } from './sizes.ts'

/** Red Hat Enterprise Linux 9 and 10 and their relatives: one layout of mirrors for all but Oracle's. */
export const rhelReleases: readonly KickstartRelease[] = [9, 10].flatMap((version) => {
  const endOfLife = version === 9 ? '2032-05-31' : '2035-05-31'
  const stream = `https://cloud.centos.org/centos/${version}-stream/x86_64/images`
  const streamImage = `${stream}/CentOS-Stream-GenericCloud-${version}-latest.x86_64.qcow2`
  return [
    enterprise({
      key: 300 + version,
      id: `rocky-${version}`,
      name: `Rocky Linux ${version}`,
      version,
      endOfLife,
      mirror: `https://download.rockylinux.org/pub/rocky/${version}`,
      ...(version === 9 && { cloudImage: summed('rocky-9') }),
    }),
    enterprise({
      key: 320 + version,
      id: `almalinux-${version}`,
      name: `AlmaLinux OS ${version}`,
      version,
      endOfLife,
      mirror: `https://repo.almalinux.org/almalinux/${version}`,
      ...(version === 9 && { cloudImage: summed('almalinux-9') }),
    }),
    enterprise({
      key: 340 + version,
      id: `centos-stream-${version}`,
      name: `CentOS Stream ${version}`,
      version,
      endOfLife: version === 9 ? '2027-05-31' : '2030-01-01',
      mirror: `https://mirror.stream.centos.org/${version}-stream`,
      cloudImage: { url: streamImage, sums: { url: `${streamImage}.SHA256SUM`, algorithm: 'sha256' } },
    }),
    // Red Hat has no public mirror: plans name the customer's own, laid out like those above.
    enterprise({
      key: 360 + version,
      id: `rhel-${version}`,
      name: `Red Hat Enterprise Linux ${version}`,
      version,
      endOfLife,
    }),
    oracle(version),
  ]
})

interface EnterpriseFacts {
  readonly key: number
  readonly id: string
  readonly name: string
  readonly version: number
  readonly endOfLife?: string
  readonly mirror?: string
  readonly cloudImage?: PublishedFile
}

function enterprise({ version, ...facts }: EnterpriseFacts): KickstartRelease {
  const tree = 'BaseOS/x86_64/os'
  const known = osinfo[facts.id]
  return {
    ...facts,
    family: 'rhel',
    version: String(version),
    architecture: 'amd64',
    // Anaconda comes over the network and is held in memory.
    minimum: noLessThan({ cpus: 1, memoryMiB: version === 9 ? 2048 : 3072, diskMiB: 10240 }, known?.minimum),
    recommended: noLessThan({ cpus: 2, memoryMiB: 4096, diskMiB: 20480 }, known?.recommended),
    installer: 'kickstart',
    tree,
    repositories: [{ name: 'AppStream', path: 'AppStream/x86_64/os' }],
    fileSystem: 'xfs',
    bootFiles: bootFilesOf(tree),
  }
}

/** Premier Support, to the last day of its month: https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf */
function oracle(version: number): KickstartRelease {
  const tree = 'baseos/latest/x86_64'
  return {
    ...enterprise({
      key: 380 + version,
      id: `oracle-${version}`,
      name: `Oracle Linux ${version}`,
      version,
      ...(version === 9 && { endOfLife: '2032-06-30' }),
      mirror: `https://yum.oracle.com/repo/OracleLinux/OL${version}`,
    }),
    tree,
    repositories: [{ name: 'AppStream', path: 'appstream/x86_64' }],
    bootFiles: bootFilesOf(tree),
  }
}

function bootFilesOf(tree: string): KickstartRelease['bootFiles'] {
  return {
    kernel: `${tree}/images/pxeboot/vmlinuz`,
    initrd: `${tree}/images/pxeboot/initrd.img`,
    sums: { url: `${tree}/.treeinfo`, algorithm: 'sha256' },
  }
}

function summed(id: string): PublishedFile {
  const url = osinfo[id]?.cloudImage ?? ''
  return { url, sums: { url: url.replace(/[^/]+$/, 'CHECKSUM'), algorithm: 'sha256' } }
}

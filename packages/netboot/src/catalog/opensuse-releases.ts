import type { AutoyastRelease } from './netboot-release.ts'
import { osinfo } from './osinfo.generated.ts'
import { noLessThan } from './sizes.ts'

/**
 * openSUSE, by YaST from its online repository. Leap 15.6 is the last Leap that YaST installs. End of life:
 * https://en.opensuse.org/Lifetime
 */
export const opensuseReleases: readonly AutoyastRelease[] = [
  opensuse({
    key: 5156,
    id: 'opensuse-leap-15.6',
    name: 'openSUSE Leap 15.6',
    version: '15.6',
    product: 'Leap',
    mirror: 'http://download.opensuse.org/distribution/leap/15.6/repo/oss',
    endOfLife: '2026-04-30',
  }),
  opensuse({
    key: 5001,
    id: 'opensuse-tumbleweed',
    name: 'openSUSE Tumbleweed',
    version: 'tumbleweed',
    product: 'openSUSE',
    mirror: 'http://download.opensuse.org/tumbleweed/repo/oss',
  }),
]

type OpensuseFacts = Pick<AutoyastRelease, 'key' | 'id' | 'name' | 'version' | 'product' | 'mirror' | 'endOfLife'>

function opensuse(facts: OpensuseFacts): AutoyastRelease {
  const known = osinfo['opensuse-tumbleweed']
  return {
    ...facts,
    family: 'opensuse',
    architecture: 'amd64',
    // The installation system is held in memory.
    minimum: noLessThan({ cpus: 1, memoryMiB: 2048, diskMiB: 10240 }, known?.minimum),
    recommended: noLessThan({ cpus: 2, memoryMiB: 4096, diskMiB: 20480 }, known?.recommended),
    installer: 'autoyast',
    bootFiles: {
      kernel: 'boot/x86_64/loader/linux',
      initrd: 'boot/x86_64/loader/initrd',
      sums: { url: 'CHECKSUMS', algorithm: 'sha256', signature: { kind: 'openpgp', url: 'CHECKSUMS.asc' } },
    },
  }
}

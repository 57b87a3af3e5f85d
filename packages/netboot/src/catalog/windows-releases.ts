import type { UnattendRelease } from './netboot-release.ts'
import { osinfo } from './osinfo.generated.ts'
import { noLessThan } from './sizes.ts'

/** Windows Server, from the customer's own medium. End of life: https://learn.microsoft.com/lifecycle/products/ */
export const windowsReleases: readonly UnattendRelease[] = [
  windows(2016),
  windows(2019),
  windows(2022),
  windows(2025, '2034-10-10'),
]

function windows(year: number, endOfLife?: string): UnattendRelease {
  const id = `windows-server-${year}`
  const known = osinfo[id]
  const until = endOfLife ?? known?.endOfLife
  return {
    key: 6000 + year,
    id,
    family: 'windows',
    name: `Windows Server ${year}`,
    version: String(year),
    architecture: 'amd64',
    // With Desktop Experience: https://learn.microsoft.com/windows-server/get-started/hardware-requirements
    minimum: noLessThan({ cpus: 1, memoryMiB: 2048, diskMiB: 32768 }, known?.minimum),
    recommended: noLessThan({ cpus: 2, memoryMiB: 4096, diskMiB: 40960 }, known?.recommended),
    ...(until !== undefined && { endOfLife: until }),
    installer: 'unattend',
    imageName: `Windows Server ${year} SERVERSTANDARD`,
  }
}

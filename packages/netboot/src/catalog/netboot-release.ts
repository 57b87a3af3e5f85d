import type { OsRelease } from '@virtkit/spi'
import type { PublishedFile, PublishedSums } from './published-files.ts'

/** Everything that a catalog may list. */
export type CatalogRelease = NetbootRelease | MediumRelease

/** A release that we know how to install over the network. */
export type NetbootRelease = PreseedRelease | KickstartRelease | AutoinstallRelease | AutoyastRelease | AlpineRelease

/** A release that is installed from its publisher's own medium, with an answer file of ours on a second one. */
export type MediumRelease = BsdinstallRelease | UnattendRelease

/** What a release says of itself besides how it is installed. */
interface DescribedRelease extends OsRelease {
  /** A disk image of an installed system that cloud-init sets up. */
  readonly cloudImage?: PublishedFile
}

interface BootableRelease extends DescribedRelease {
  /** Where the packages come from; a plan's `mirror` replaces it. Left out: every plan must name one. */
  readonly mirror?: string
  readonly bootFiles: BootFileLocations
}

/** The installer's kernel and initrd. */
export interface BootFileLocations {
  /** What the two paths are relative to. Left out: the release's `mirror`. */
  readonly base?: string
  readonly kernel: string
  readonly initrd: string
  /** Where the publisher says what must be in them; its address is relative like the two paths. */
  readonly sums?: PublishedSums
}

/** Installed by debian-installer. */
export interface PreseedRelease extends BootableRelease {
  readonly installer: 'preseed'
  /** The code name under `dists/`. */
  readonly suite: string
}

/** Installed by Anaconda. */
export interface KickstartRelease extends BootableRelease {
  readonly installer: 'kickstart'
  /** The folder of the mirror that holds the installation tree (`.treeinfo`). */
  readonly tree: string
  /** Further repositories, as folders of the mirror. */
  readonly repositories: readonly { readonly name: string; readonly path: string }[]
  readonly fileSystem: 'ext4' | 'xfs'
}

/** Installed by Subiquity. */
export interface AutoinstallRelease extends BootableRelease {
  readonly installer: 'autoinstall'
  /** The live server image that the installer runs from: it is held in the machine's memory during the installation. */
  readonly liveImage: string
  readonly liveImageSums?: PublishedSums
}

/** Installed by YaST. */
export interface AutoyastRelease extends BootableRelease {
  readonly installer: 'autoyast'
  /** The product that is installed: `Leap`, `openSUSE`. */
  readonly product: string
}

/** Installed by Alpine's setup scripts, from its own netboot system. */
export interface AlpineRelease extends BootableRelease {
  readonly installer: 'alpine'
  /** The branch of the mirror: `v3.22`. */
  readonly branch: string
  /** The kernel's modules, which the running system fetches: relative like the boot files. */
  readonly modules: string
}

/** Installed by bsdinstall, which finds `/etc/installerconfig` on its medium. */
export interface BsdinstallRelease extends DescribedRelease {
  readonly installer: 'bsdinstall'
  /** Where the distribution sets (`base.txz`, `kernel.txz`) come from. */
  readonly mirror: string
  readonly image: PublishedFile
}

/** Installed by Windows Setup, which finds `autounattend.xml` at the root of any medium. */
export interface UnattendRelease extends DescribedRelease {
  readonly installer: 'unattend'
  readonly mirror?: string
  /** The image in `install.wim` that is installed by default. */
  readonly imageName: string
}

export type InstallerFamily = CatalogRelease['installer']

/** Whether our boot server can start a release's installer. */
export function isNetbootRelease(release: CatalogRelease): release is NetbootRelease {
  return release.installer !== 'bsdinstall' && release.installer !== 'unattend'
}

import type { OsRelease } from '@virtkit/spi'

/** A release that we know how to install over the network. */
export type NetbootRelease = PreseedRelease | KickstartRelease | AutoinstallRelease

interface BootableRelease extends OsRelease {
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
}

export type InstallerFamily = NetbootRelease['installer']

/**
 * Gets a blank machine installed: the catalog of what can be installed, the answer files of three installers, iPXE scripts,
 * the boot server that hands them out, and the medium that a machine boots from. `netboot()` is the `InstallMedia` of a kit.
 */
export { type Netboot, type OpenNetboot, netboot } from './netboot.ts'
export type { NetbootOptions, TftpOptions } from './netboot-options.ts'
export type { TftpLimits } from './tftp/limits.ts'
export type { NetworkPrograms } from './tftp/netboot-files.ts'
export type { BootServerLimits } from './server/limits.ts'

export { builtinReleases } from './catalog/releases.ts'
export { type NetbootCatalog, createCatalog } from './catalog/os-catalog.ts'
export type { PublishedFile, PublishedSums, SumsSignature } from './catalog/published-files.ts'
export type {
  AlpineRelease,
  AutoinstallRelease,
  AutoyastRelease,
  BootFileLocations,
  BsdinstallRelease,
  CatalogRelease,
  InstallerFamily,
  KickstartRelease,
  MediumRelease,
  NetbootRelease,
  PreseedRelease,
  UnattendRelease,
} from './catalog/netboot-release.ts'

export type { BootFile, BootFileName, BootFiles, ByteRange } from './boot-files/boot-files.ts'
export { directoryBootFiles } from './boot-files/directory-boot-files.ts'
export { type MemoryFiles, memoryBootFiles } from './boot-files/memory-boot-files.ts'
export { type MirrorBootFilesOptions, mirrorBootFiles } from './boot-files/mirror-boot-files.ts'

export type { PublishedImagesOptions } from './published/published-images.ts'
export { type GuestUrls, guestUrls } from './plan/guest-urls.ts'
export { renderAlpineAnswers } from './templates/alpine-answers.ts'
export { renderAlpineOverlay } from './templates/alpine-overlay.ts'
export { type AutoinstallFiles, renderAutoinstall } from './templates/autoinstall.ts'
export { renderAutoyast } from './templates/autoyast.ts'
export { renderFirstBootScript, renderFirstBootUnit } from './templates/first-boot.ts'
export { renderInstallerConfig } from './templates/installer-config.ts'
export { renderInstallerHooks } from './templates/installer-hooks.ts'
export { renderKickstart } from './templates/kickstart.ts'
export { renderPreseed } from './templates/preseed.ts'
export { type UnattendFiles, type WindowsSettings, renderUnattend } from './templates/unattend.ts'

export { type BootPrograms, mediumScriptName } from './iso/boot-medium.ts'
export { type IpxeProgramPaths, debianProgramPaths, readIpxePrograms } from './iso/ipxe-programs.ts'
export type { BootEntry } from './iso/el-torito.ts'
export type { IsoFile } from './iso/iso-files.ts'

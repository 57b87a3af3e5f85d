/**
 * Gets a blank machine installed: the catalog of what can be installed, the answer files of three installers, iPXE scripts,
 * the boot server that hands them out, and the medium that a machine boots from. `netboot()` is the `InstallMedia` of a kit.
 */
export { netboot } from './netboot.ts'
export type { NetbootOptions } from './netboot-options.ts'
export type { BootServerLimits } from './server/limits.ts'

export { builtinReleases } from './catalog/releases.ts'
export { type NetbootCatalog, createCatalog } from './catalog/os-catalog.ts'
export type {
  AutoinstallRelease,
  BootFileLocations,
  InstallerFamily,
  KickstartRelease,
  NetbootRelease,
  PreseedRelease,
} from './catalog/netboot-release.ts'

export type { BootFile, BootFileName, BootFiles, ByteRange } from './boot-files/boot-files.ts'
export { directoryBootFiles } from './boot-files/directory-boot-files.ts'
export { type MemoryFiles, memoryBootFiles } from './boot-files/memory-boot-files.ts'
export { type MirrorBootFilesOptions, mirrorBootFiles } from './boot-files/mirror-boot-files.ts'

export { type GuestUrls, guestUrls } from './plan/guest-urls.ts'
export { type AutoinstallFiles, renderAutoinstall } from './templates/autoinstall.ts'
export { renderFirstBootScript, renderFirstBootUnit } from './templates/first-boot.ts'
export { renderInstallerHooks } from './templates/installer-hooks.ts'
export { renderKickstart } from './templates/kickstart.ts'
export { renderPreseed } from './templates/preseed.ts'

export { type BootPrograms, mediumScriptName } from './iso/boot-medium.ts'
export type { BootEntry } from './iso/el-torito.ts'
export type { IsoFile } from './iso/iso-files.ts'

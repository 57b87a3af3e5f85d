import { alpineReleases } from './alpine-releases.ts'
import { debianReleases } from './debian-releases.ts'
import { fedoraReleases } from './fedora-releases.ts'
import { freebsdReleases } from './freebsd-releases.ts'
import type { CatalogRelease } from './netboot-release.ts'
import { opensuseReleases } from './opensuse-releases.ts'
import { rhelReleases } from './rhel-releases.ts'
import { ubuntuReleases } from './ubuntu-releases.ts'
import { windowsReleases } from './windows-releases.ts'

/**
 * What `netboot()` lists when nobody says otherwise. Keys and ids never change their meaning; a release that leaves this list
 * leaves its key unused. Extend it with `netboot({ releases: [...builtinReleases, mine] })`.
 */
export const builtinReleases: readonly CatalogRelease[] = [
  ...debianReleases,
  ...ubuntuReleases,
  ...rhelReleases,
  ...fedoraReleases,
  ...opensuseReleases,
  ...alpineReleases,
  ...freebsdReleases,
  ...windowsReleases,
]

import { debianReleases } from './debian-releases.ts'
import { fedoraReleases } from './fedora-releases.ts'
import type { NetbootRelease } from './netboot-release.ts'
import { rhelReleases } from './rhel-releases.ts'
import { ubuntuReleases } from './ubuntu-releases.ts'

/**
 * What `netboot()` can install when nobody says otherwise. Keys and ids never change their meaning; a release that leaves
 * this list leaves its key unused. Extend it with `netboot({ releases: [...builtinReleases, mine] })`.
 */
export const builtinReleases: readonly NetbootRelease[] = [
  ...debianReleases,
  ...ubuntuReleases,
  ...rhelReleases,
  ...fedoraReleases,
]

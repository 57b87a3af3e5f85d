import type { NetbootRelease } from '../catalog/netboot-release.ts'
import { type ReleaseUrls, releaseUrls } from '../plan/guest-urls.ts'
import { type KernelArgument, renderKernelArguments } from './kernel-arguments.ts'

/**
 * The script on a release's boot image: it asks for an address and goes on with the release's script on the boot server, for as
 * long as it takes. `origin` must have been checked.
 */
export function renderReleaseMediumScript(release: NetbootRelease, origin: string): string {
  const lines = [
    '#!ipxe',
    ':start',
    'dhcp net0 || goto again',
    `chain --replace ${releaseUrls(origin, release.id).script} || goto again`,
    ':again',
    'echo Virtkit: no answer from the boot server, trying again',
    'sleep 5',
    'goto start',
  ]
  return `${lines.join('\n')}\n`
}

/** Starts a release's installer without answers: it asks a person everything, and writes nothing before that. */
export function renderReleaseScript(release: NetbootRelease, urls: ReleaseUrls): string {
  const lines = [
    '#!ipxe',
    `echo Virtkit: the installer of ${release.id}, by hand`,
    `kernel ${urls.kernel} ${renderKernelArguments([['initrd', 'initrd'], ...byHand(release)])} || goto again`,
    `initrd --name initrd ${urls.initrd} || goto again`,
    'boot || goto again',
    ':again',
    'echo Virtkit: the installer could not be loaded, trying again',
    'imgfree',
    'sleep 5',
    `chain --replace ${urls.script} || goto again`,
  ]
  return `${lines.join('\n')}\n`
}

/** What an installer must be told to find the rest of itself; see `installer-arguments.ts` for where each is written down. */
function byHand(release: NetbootRelease): readonly KernelArgument[] {
  if (release.installer === 'preseed') return []
  const network: KernelArgument = ['ip', 'dhcp']
  if (release.installer === 'autoinstall') {
    return [network, ['url', release.liveImage], ['cloud-config-url', '/dev/null']]
  }
  if (release.installer === 'autoyast') return release.mirror === undefined ? [] : [['install', release.mirror]]
  if (release.installer === 'alpine') {
    if (release.mirror === undefined) return [network]
    const { branch, mirror, modules } = release
    return [network, ['alpine_repo', `${mirror}/${branch}/main`], ['modloop', `${mirror}/${modules}`]]
  }
  // Anaconda asks for its source when there is no mirror that everybody may use.
  return release.mirror === undefined ? [network] : [network, ['inst.repo', `${release.mirror}/${release.tree}`]]
}

import type { NetbootRelease } from '../catalog/netboot-release.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import type { PlanValues } from '../plan/plan-values.ts'
import { installerArguments } from './installer-arguments.ts'
import { renderKernelArguments } from './kernel-arguments.ts'

/** Starts the installer. What fails begins again with a fresh script: by then the answer may be another one. */
export function renderInstallScript(values: PlanValues, release: NetbootRelease, urls: GuestUrls): string {
  const lines = [
    '#!ipxe',
    `echo Virtkit: installing ${release.id} on ${values.hostname}`,
    `kernel ${urls.kernel} ${renderKernelArguments(installerArguments(values, release, urls))} || goto again`,
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

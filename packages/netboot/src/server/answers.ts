import type { InstallPlan } from '@virtkit/spi'
import type { NetbootRelease } from '../catalog/netboot-release.ts'
import { renderInstallScript } from '../ipxe/install-script.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import { parsePlan } from '../plan/plan-values.ts'
import { renderAlpineOverlay } from '../templates/alpine-overlay.ts'
import { renderAutoyast } from '../templates/autoyast.ts'
import { renderAutoinstall } from '../templates/autoinstall.ts'
import { renderFirstBootScript, renderFirstBootUnit } from '../templates/first-boot.ts'
import { renderInstallerHooks } from '../templates/installer-hooks.ts'
import { renderKickstart } from '../templates/kickstart.ts'
import { renderPreseed } from '../templates/preseed.ts'
import type { GuestFile } from './guest-route.ts'

/** The texts of a run by file: those that its release's installer asks for. Rendered when they are asked for. */
export function answersOf(
  plan: InstallPlan,
  release: NetbootRelease,
  urls: GuestUrls,
): { readonly [File in GuestFile]?: () => string | Uint8Array } {
  const ofEvery = {
    script: () => renderInstallScript(parsePlan(plan, release), release, urls),
    firstBootScript: () => renderFirstBootScript(plan, release, urls),
    firstBootUnit: renderFirstBootUnit,
  }
  if (release.installer === 'preseed') {
    return {
      ...ofEvery,
      preseed: () => renderPreseed(plan, release, urls),
      installerHooks: () => renderInstallerHooks(urls),
    }
  }
  if (release.installer === 'kickstart') return { ...ofEvery, kickstart: () => renderKickstart(plan, release, urls) }
  if (release.installer === 'autoyast') return { ...ofEvery, autoyast: () => renderAutoyast(plan, release, urls) }
  if (release.installer === 'alpine')
    return { script: ofEvery.script, overlay: () => renderAlpineOverlay(plan, release, urls) }
  const files = (): ReturnType<typeof renderAutoinstall> => renderAutoinstall(plan, release, urls)
  return {
    ...ofEvery,
    userData: () => files().userData,
    metaData: () => files().metaData,
    vendorData: () => files().vendorData,
  }
}

import {
  type BootMedium,
  type Call,
  type InstallDesk,
  type InstallMedia,
  type InstallPlan,
  type OpenInstallMedia,
  VirtkitError,
  invalidInput,
} from '@virtkit/spi'
import { builtinReleases } from './catalog/releases.ts'
import { type NetbootRelease, isNetbootRelease } from './catalog/netboot-release.ts'
import { type NetbootCatalog, createCatalog } from './catalog/os-catalog.ts'
import { renderMediumScript } from './ipxe/medium-script.ts'
import { renderReleaseMediumScript } from './ipxe/release-scripts.ts'
import { createBootMedium } from './iso/boot-medium.ts'
import { type NetbootOptions, checkOptions, isOrigin } from './netboot-options.ts'
import { PublishedImages } from './published/published-images.ts'
import { guestUrls, tokenPattern } from './plan/guest-urls.ts'
import { parsePlan } from './plan/plan-values.ts'
import { answersOf } from './server/answers.ts'
import { HttpBootServer } from './server/boot-server.ts'
import { GuestDesk } from './server/guest-desk.ts'
import { Turnstile, defaultLimits } from './server/limits.ts'
import { defaultTftpLimits } from './tftp/limits.ts'
import { netbootFiles } from './tftp/netboot-files.ts'
import { TftpServer } from './tftp/tftp-server.ts'

/** The `InstallMedia` of a kit. */
export interface Netboot extends InstallMedia {
  open(desk: InstallDesk, call: Call): Promise<OpenNetboot>
}

export interface OpenNetboot extends OpenInstallMedia {
  /** Where TFTP is served, when it is. */
  readonly tftpPort: number | undefined
}

/**
 * Installs machines over the network: a small medium boots each into iPXE, which fetches the run's script, kernel, initrd and
 * answer file from a boot server in this process.
 *
 * Promises: no state of its own (see `InstallMedia`); every address holds the secret of one run; a run that has installed
 * boots its disk from then on. Throws `INVALID_INPUT` naming the option.
 *
 * @example
 * ```ts
 * const media = netboot({
 *   listen: { host: '10.20.0.2', port: 8080 },
 *   bootFiles: mirrorBootFiles({ cacheDirectory: '/var/cache/virtkit' }),
 * })
 * ```
 */
export function netboot(options: NetbootOptions): Netboot {
  checkOptions(options)
  const catalog = createCatalog(options.releases ?? builtinReleases)
  return { catalog, open: (desk, call) => openMedia(options, catalog, desk, call) }
}

async function openMedia(
  options: NetbootOptions,
  catalog: NetbootCatalog,
  desk: InstallDesk,
  call: Call,
): Promise<OpenNetboot> {
  const limits = { ...defaultLimits, ...options.limits }
  const guests = new GuestDesk({
    catalog,
    bootFiles: options.bootFiles,
    desk,
    transfers: new Turnstile(limits.transfersPerRun),
    idleMs: limits.idleMs,
    origin: () => origin,
  })
  const published = options.publishedImages && new PublishedImages(options.publishedImages)
  const { listen } = options
  const server = listen ? await HttpBootServer.open(listen, guests.answer.bind(guests), limits, call) : undefined
  const origin = options.publicOrigin ?? originOf(listen || { host: '' }, server?.port)
  const tftp = await openTftp(options, desk, origin, call).catch(async (error: unknown) => {
    await server?.[Symbol.asyncDispose]()
    throw error
  })
  return {
    origin,
    tftpPort: tftp?.port,
    medium: async (plan, token) => renderMedium(options, catalog, plan, { origin, token }),
    image: async (os, from, asked) => {
      const release = catalog.find(os)
      if (!release || isNetbootRelease(release)) return renderImage(options, catalog, os, from)
      if (published && release.installer === 'bsdinstall') return published.open(release.id, release.image, asked)
      throw new VirtkitError('UNSUPPORTED', `There is no boot image of ${release.name} here.`, {
        details: { feature: 'image' },
        ...(release.installer === 'bsdinstall' && { hint: 'Name a folder for it with netboot({ publishedImages }).' }),
      })
    },
    [Symbol.asyncDispose]: async () => {
      await tftp?.[Symbol.asyncDispose]()
      await server?.[Symbol.asyncDispose]()
    },
  }
}

function originOf({ host }: { readonly host: string }, port: number | undefined): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function openTftp(
  { tftp, listen }: NetbootOptions,
  desk: InstallDesk,
  origin: string,
  call: Call,
): Promise<TftpServer | undefined> {
  if (!tftp || !listen) return undefined
  const files = netbootFiles(desk, tftp.programs ?? {}, () => origin)
  const limits = { ...defaultTftpLimits, ...tftp.limits }
  return TftpServer.open({ host: tftp.host ?? listen.host, port: tftp.port }, files, limits, call)
}

function renderMedium(
  options: NetbootOptions,
  catalog: NetbootCatalog,
  plan: InstallPlan,
  { origin, token }: { origin: string; token: string },
): BootMedium {
  const release = requireRelease(catalog, plan.os)
  if (!tokenPattern.test(token)) {
    throw invalidInput([{ field: 'token', problem: 'must be 8 to 200 characters of A-Z a-z 0-9 _ -' }])
  }
  const values = parsePlan(plan, release)
  const urls = guestUrls(origin, token)
  // What cannot be rendered is said now, not when the guest asks.
  for (const render of Object.values(answersOf(plan, release, urls))) render()
  return createBootMedium(renderMediumScript(values.networks[0], urls), options.bootPrograms)
}

function renderImage(options: NetbootOptions, catalog: NetbootCatalog, os: string, origin: string): BootMedium {
  const release = requireRelease(catalog, os)
  if (!isOrigin(origin)) {
    throw invalidInput([{ field: 'origin', problem: 'must be an http or https origin without a path' }])
  }
  return createBootMedium(renderReleaseMediumScript(release, origin), options.bootPrograms)
}

function requireRelease(catalog: NetbootCatalog, os: string): NetbootRelease {
  const release = catalog.findBootable(os)
  if (release) return release
  const known = catalog.find(os)
  if (known) {
    const hint = `Make the answer file with ${known.installer === 'unattend' ? 'renderUnattend' : 'renderInstallerConfig'} and put it on a medium beside the publisher's.`
    throw invalidInput([{ field: 'os', problem: `${known.name} is installed from its publisher's medium only`, hint }])
  }
  const ids = catalog.list().map((one) => one.id)
  throw invalidInput([{ field: 'os', problem: `there is no release ${os}`, hint: `one of ${ids.join(', ')}` }])
}

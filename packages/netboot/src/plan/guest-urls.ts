/** Everything that the guest of one run may fetch, by the name that its address ends in. */
export const guestFiles = {
  script: 'script.ipxe',
  kernel: 'kernel',
  initrd: 'initrd',
  preseed: 'preseed.cfg',
  installerHooks: 'installer-hooks.sh',
  kickstart: 'ks.cfg',
  autoyast: 'autoinst.xml',
  overlay: 'virtkit.apkovl.tar.gz',
  userData: 'user-data',
  metaData: 'meta-data',
  vendorData: 'vendor-data',
  firstBootScript: 'first-boot.sh',
  firstBootUnit: 'first-boot.service',
  report: 'report',
} as const

/** Tokens that can stand in an address and in a script as they are. */
export const tokenPattern: RegExp = /^[A-Za-z0-9_-]{8,200}$/

export type GuestUrls = { readonly [Name in keyof typeof guestFiles]: string } & {
  /** The folder that all of them are in, with a slash at its end. */
  readonly folder: string
}

/** The addresses of one run. `origin` and `token` must have been checked. */
export function guestUrls(origin: string, token: string): GuestUrls {
  const folder = `${origin}/boot/${token}/`
  const names = Object.entries(guestFiles).map(([name, file]) => [name, folder + file])
  return { ...(Object.fromEntries(names) as { [Name in keyof typeof guestFiles]: string }), folder }
}

/** What anybody may fetch of a release: how its installer is started by hand. None of it is a secret. */
export const releaseFiles = { script: 'script.ipxe', kernel: 'kernel', initrd: 'initrd' } as const

export type ReleaseUrls = { readonly [Name in keyof typeof releaseFiles]: string }

/** The addresses of one release. `origin` and `id` must have been checked. */
export function releaseUrls(origin: string, id: string): ReleaseUrls {
  const { script, kernel, initrd } = releaseFiles
  const folder = `${origin}/release/${id}/`
  return { script: folder + script, kernel: folder + kernel, initrd: folder + initrd }
}

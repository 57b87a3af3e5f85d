import { guestFiles, releaseFiles, tokenPattern } from '../plan/guest-urls.ts'

export type GuestFile = keyof typeof guestFiles

export interface GuestRoute {
  readonly token: string
  readonly file: GuestFile
}

const filesByName: ReadonlyMap<string, GuestFile> = new Map(
  Object.entries(guestFiles).map(([file, name]) => [name, file as GuestFile]),
)

/**
 * `/boot/<token>/<file>`, and nothing else: the table is closed, nothing of an address reaches a file system, and percent
 * signs are not decoded.
 */
export function parseRoute(url: string): GuestRoute | undefined {
  const path = url.split('?', 1)[0] ?? ''
  const [root, boot, token, name, ...rest] = path.split('/')
  if (root !== '' || boot !== 'boot' || rest.length > 0) return undefined
  const file = filesByName.get(name ?? '')
  return file !== undefined && token !== undefined && tokenPattern.test(token) ? { token, file } : undefined
}

/** `/card/<mac>/script.ipxe`, as iPXE writes a MAC with `:hexhyp`; answers it as plans do: `52:54:00:…`. */
export function parseCardRoute(url: string): { readonly card: string } | undefined {
  const path = url.split('?', 1)[0] ?? ''
  const [, mac] = /^\/card\/([0-9a-f]{2}(?:-[0-9a-f]{2}){5})\/script\.ipxe$/.exec(path) ?? []
  return mac === undefined ? undefined : { card: mac.replaceAll('-', ':') }
}

/** What a route answers to. */
export function methodsOf(file: GuestFile): readonly string[] {
  return file === 'report' ? ['GET', 'POST'] : ['GET', 'HEAD']
}

export interface ReleaseRoute {
  /** As it stands in the address; the catalog knows whether there is one. */
  readonly release: string
  readonly file: keyof typeof releaseFiles
}

/** `/release/<id>/<file>`, by the same rules. */
export function parseReleaseRoute(url: string): ReleaseRoute | undefined {
  const path = url.split('?', 1)[0] ?? ''
  const [root, folder, release, name, ...rest] = path.split('/')
  if (root !== '' || folder !== 'release' || rest.length > 0) return undefined
  const [file] = Object.entries(releaseFiles).find(([, each]) => each === name) ?? []
  return file === undefined || !release ? undefined : { release, file: file as ReleaseRoute['file'] }
}

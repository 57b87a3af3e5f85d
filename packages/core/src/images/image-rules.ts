import { type VirtkitError, isVirtkitError } from '@virtkit/spi'
import { mayPass } from '../operations/operation-rules.ts'

/** What the names of a release's images begin with: as much of its id as a file name can hold. */
export function imageStemOf(os: string): string {
  return os.replaceAll(/[^A-Za-z0-9.-]+/g, '-').slice(0, 80)
}

/** The name of an image. It tells what is in it, so that one that is found under its name is the right one. */
export function imageNameOf(os: string, sha256: string): string {
  return `${imageStemOf(os)}-${sha256.slice(0, 12)}.iso`
}

/** Where an image sends guests: where it did before, as long as somebody answers there; otherwise to us. */
export function originOf(ours: string, served: readonly string[]): string {
  return served.includes(ours) ? ours : (served[0] ?? ours)
}

/** Whether a failure is about one image alone; any other ends the whole, or has it tried again. */
export function isOfOneImage(error: VirtkitError): boolean {
  return !mayPass(error) && !isVirtkitError(error, 'CANCELLED') && !isVirtkitError(error, 'UNAUTHENTICATED')
}

/** Which of the images that may be on the cluster are of no use any more. Those of a system whose image failed are kept. */
export function replacedBy<T extends { readonly os: string; readonly name: string }>(
  images: readonly { readonly os: string; readonly name: string; readonly status: string }[],
  known: readonly T[],
): readonly T[] {
  const names = new Set(images.map(({ name }) => name))
  const failed = new Set(images.filter(({ status }) => status === 'failed').map(({ os }) => os))
  return known.filter(({ os, name }) => !names.has(name) && !failed.has(os))
}

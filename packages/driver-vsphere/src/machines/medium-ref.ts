import type { Place } from '../places/places.ts'
import { parseDatastorePath } from './devices.ts'

export interface MediumPlace {
  /** The id of its datacenter. */
  readonly datacenter: string
  readonly datastore: string
  readonly path: string
  /** `[datastore] path` */
  readonly file: string
}

/** A datastore's name is unique in its datacenter only. */
export function mediumRef(datacenter: Place | undefined, file: string): string {
  return `${datacenter?.ref.id ?? ''}/${file}`
}

export function parseMediumRef(ref: string): MediumPlace | undefined {
  const cut = ref.indexOf('/[')
  const file = ref.slice(cut + 1)
  const parts = parseDatastorePath(file)
  return cut < 0 || !parts ? undefined : { datacenter: ref.slice(0, cut), file, ...parts }
}

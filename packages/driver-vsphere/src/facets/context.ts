import type { MachineMaker } from '../machines/create-machine.ts'
import type { PlaceBook } from '../places/place-book.ts'
import type { Session } from '../session.ts'

/** What the facets of one session have in common. */
export interface Context {
  readonly session: Session
  readonly book: PlaceBook
  readonly maker: MachineMaker
  /** A vCenter, as against an ESXi host by itself. */
  readonly isVcenter: boolean
  /** The folder of images on a datastore. */
  readonly mediaFolder: string
}

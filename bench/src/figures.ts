import { addresses } from './addresses.ts'
import type { Figure } from './figure.ts'

/** In the order of the table. */
export const figures: readonly Figure[] = [addresses]

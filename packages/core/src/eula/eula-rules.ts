import { createHash } from 'node:crypto'
import type { EulaText } from './eula.ts'

export const noText: EulaText = { de: '', en: '' }

/** Tells one text from another; `undefined` when there is none. Lengths keep the languages apart. */
export function fingerprintOf({ de, en }: EulaText): string | undefined {
  if (de === '' && en === '') return undefined
  return createHash('sha256')
    .update(`${Buffer.byteLength(de)}:${de}${en}`)
    .digest('hex')
}

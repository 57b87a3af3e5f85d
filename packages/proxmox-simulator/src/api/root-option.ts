import { invalidParameters } from '../api-error.ts'
import type { Call } from './route.ts'

/** Refuses an option that is `root@pam`'s alone. */
export function rootOption({ params, isRoot }: Call, ...names: string[]): void {
  for (const name of names) {
    if (params.flag(name) && !isRoot) throw invalidParameters({ [name]: 'Only root may use this option.' })
  }
}

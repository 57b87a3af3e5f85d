import type { Keyring } from '../access/keyring.ts'

/** A run's token: derived again whenever it is needed, so that it is stored nowhere. */
export function tokenOf(keyring: Keyring, runId: string): ReturnType<Keyring['derive']> {
  return keyring.derive(`install/${runId}/token`)
}

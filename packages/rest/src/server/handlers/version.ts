import type { version } from '../../contract/resources/version.ts'
import type { Handlers } from '../handler.ts'

export const versionHandlers: Handlers<typeof version> = {
  get: async ({ services }) => ({ version: services.updates.version }),
}

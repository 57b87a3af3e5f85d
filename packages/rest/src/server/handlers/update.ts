import type { UpdateStatus } from '@virtkit/core'
import type { update } from '../../contract/resources/update.ts'
import type { Handlers } from '../handler.ts'

export const updateHandlers: Handlers<typeof update> = {
  get: async ({ services, by }) => toWire(await services.updates.status(by)),
  create: async ({ services, by }) => toWire(await services.updates.schedule(by)),
}

function toWire({ currentVersion, availableVersion, isAvailable, isScheduled }: UpdateStatus) {
  return {
    currentversion: currentVersion,
    availableversion: availableVersion,
    updateavailable: isAvailable,
    scheduled: isScheduled,
  }
}

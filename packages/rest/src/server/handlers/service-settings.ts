import type { serviceSettings } from '../../contract/resources/service-settings.ts'
import type { Handlers } from '../handler.ts'

export const serviceSettingsHandlers: Handlers<typeof serviceSettings> = {
  get: async ({ services, by }) => (await services.settings.get(by)).serviceLevels,
  update: async ({ services, body, by }) => {
    const { service, loglevel } = body
    const { serviceLevels } = await services.settings.update({ serviceLevels: { [service]: loglevel } }, by)
    return { loglevel: serviceLevels[service] }
  },
}

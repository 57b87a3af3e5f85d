import type { servicesettings } from '../../contract/resources/servicesettings.ts'
import type { Handlers } from '../handler.ts'

export const servicesettingsHandlers: Handlers<typeof servicesettings> = {
  get: async ({ services, by }) => (await services.settings.get(by)).serviceLevels,
  update: async ({ services, body, by }) => {
    const { service, loglevel } = body
    const { serviceLevels } = await services.settings.update({ serviceLevels: { [service]: loglevel } }, by)
    return { loglevel: serviceLevels[service] }
  },
}

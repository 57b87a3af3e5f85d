import type { eula } from '../../contract/resources/eula.ts'
import type { Handlers } from '../handler.ts'

export const eulaHandlers: Handlers<typeof eula> = {
  get: async ({ services }) => {
    const { de, en } = services.eula.text()
    return { eulade: de, eulaen: en }
  },
  accept: async ({ services, by }) => {
    await services.eula.accept(by)
    return { msg: 'license agreement accepted' }
  },
}

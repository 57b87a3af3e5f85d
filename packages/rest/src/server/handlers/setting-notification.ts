import type { MailSettingValues } from '@virtkit/core'
import type { settingNotification } from '../../contract/resources/setting-notification.ts'
import type { Handlers } from '../handler.ts'
import { inWireWords } from '../in-wire-words.ts'

const names = { server: 'mailserver', port: 'mailport', sender: 'mailfrom' }

export const settingNotificationHandlers: Handlers<typeof settingNotification> = {
  get: async ({ services, by }) => toWire(await services.mailSettings.get(by)),
  update: async ({ services, body, by }) => {
    const { mailserver: server, mailport: port, username, password, mailfrom: sender, security } = body
    const values = { server, port, username, password, sender, security }
    return toWire(await inWireWords(names, () => services.mailSettings.replace(values, by)))
  },
  remove: async ({ services, by }) => {
    await services.mailSettings.reset(by)
    return { msg: 'notification settings returned to their defaults' }
  },
}

function toWire({ server, port, username, sender, security }: MailSettingValues) {
  return { mailserver: server, mailport: port, username, mailfrom: sender, security }
}

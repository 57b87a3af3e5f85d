import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { MailChannel } from './mail-channel.ts'
import { NoticeFeed } from './notice-feed.ts'
import { NotificationSender } from './notification-sender.ts'
import { SqlMailSettings } from './sql-mail-settings.ts'
import { SqlNotifications } from './sql-notifications.ts'
import { WebhookChannel } from './webhook-channel.ts'

export const notificationsModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.MailSettings)
    .toResolvedValue(construct(SqlMailSettings), [tokens.Database, tokens.Access, tokens.Events, tokens.Keyring])
    .inSingletonScope()
  bind(tokens.WebhookChannel)
    .toResolvedValue(construct(WebhookChannel), [tokens.Keyring, tokens.Time, tokens.Receivers])
    .inSingletonScope()
  bind(tokens.Channels)
    .toResolvedValue(
      (mail, webhook, { notifications: { mailCa: ca, mailTemplate: template, channels = [] } = {}, onError }) => [
        new MailChannel(() => mail.forSending(), { ca, template, onError }),
        webhook,
        ...channels,
      ],
      [tokens.MailSettings, tokens.WebhookChannel, tokens.Options],
    )
    .inSingletonScope()
  bind(tokens.Notifications)
    .toResolvedValue(construct(SqlNotifications), [
      tokens.Database,
      tokens.Access,
      tokens.Events,
      tokens.Time,
      tokens.Channels,
      tokens.WebhookChannel,
    ])
    .inSingletonScope()
  bind(tokens.NoticeFeed).toResolvedValue(construct(NoticeFeed), [tokens.Database, tokens.Users]).inSingletonScope()
  bind(tokens.NotificationSender)
    .toResolvedValue(
      (database, channels, clock, ids, random, { onError, notifications }, log) =>
        new NotificationSender(database, channels, clock, ids, { onError, digestMs: notifications?.digestMs, random }, log),
      [tokens.Database, tokens.Channels, tokens.Time, tokens.Ids, tokens.Random, tokens.Options, tokens.Log],
    )
    .inSingletonScope()
})

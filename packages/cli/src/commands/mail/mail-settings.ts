import { readToChange } from '../../connection/change.ts'
import { confirm } from '../../connection/confirm.ts'
import { type PasswordFlags, readPassword } from '../../connection/secrets.ts'
import type { Session } from '../../connection/session.ts'
import { printDetails, printDone } from '../../output/print.ts'

export async function showMail({ client, output }: Session): Promise<void> {
  const values = await client.settingNotification.get()
  if (output.isJson) return output.json(values)
  printDetails(output, [
    ['server', values.mailserver || 'none: no mail is sent'],
    ['port', values.mailport],
    ['username', values.username],
    ['from', values.mailfrom],
    ['security', values.security],
  ])
}

export interface MailFlags extends PasswordFlags {
  readonly server?: string
  readonly port?: number
  readonly username?: string
  readonly from?: string
  readonly security?: 'auto' | 'tls' | 'starttls' | 'none'
}

export async function setMail({ client, output, host }: Session, flags: MailFlags): Promise<void> {
  const [before, unchanged] = await readToChange((options) => client.settingNotification.get({}, options))
  const variable = 'VIRTKIT_MAIL_PASSWORD'
  const isGiven = flags.passwordStdin === true || flags.passwordFile !== undefined || Boolean(host.env[variable])
  const password = isGiven
    ? await readPassword(flags, host, { variable, question: 'Password of the mail server: ' })
    : undefined
  const values = await client.settingNotification.update(
    {
      mailserver: flags.server ?? before.mailserver,
      mailport: flags.port ?? before.mailport,
      username: flags.username ?? before.username,
      mailfrom: flags.from ?? before.mailfrom,
      security: flags.security ?? before.security,
      ...(password !== undefined && { password }),
    },
    unchanged,
  )
  printDone(output, values, { text: `Mail goes through ${values.mailserver}:${values.mailport}.` })
}

export async function resetMail({ client, output, host }: Session, flags: { readonly yes?: boolean }): Promise<void> {
  await confirm(host, { ...flags, question: 'Forget the mail server and its password?' })
  printDone(output, await client.settingNotification.remove(), { text: 'No mail is sent any more.' })
}

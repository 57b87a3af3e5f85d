import { readToChange } from '../../connection/change.ts'
import { confirm } from '../../connection/confirm.ts'
import type { Session } from '../../connection/session.ts'
import { printDetails, printDone } from '../../output/print.ts'
import { showDuration } from '../../output/times.ts'

export async function showSettings({ client, output }: Session): Promise<void> {
  const values = await client.setting.get()
  if (output.isJson) return output.json(values)
  printDetails(output, [
    ['install timeout', showDuration(values.installtimeout)],
    ['deletion grace', showDuration(values.deletiongrace)],
    ['datastores', values.regexfilter || 'all'],
    ['never', values.ignorefilter.join(', ')],
  ])
}

export interface SettingFlags {
  readonly installTimeout?: string
  readonly deletionGrace?: string
  readonly datastores?: string
  readonly ignoreDatastore?: readonly string[]
  readonly ignoreNone?: boolean
}

export async function setSettings({ client, output }: Session, flags: SettingFlags): Promise<void> {
  const [before, unchanged] = await readToChange((options) => client.setting.get({}, options))
  const values = await client.setting.update(
    {
      ...before,
      ...(flags.installTimeout !== undefined && { installtimeout: flags.installTimeout }),
      ...(flags.deletionGrace !== undefined && { deletiongrace: flags.deletionGrace }),
      ...(flags.datastores !== undefined && { regexfilter: flags.datastores }),
      ...(flags.ignoreNone === true && { ignorefilter: [] }),
      ...(flags.ignoreDatastore && { ignorefilter: [...flags.ignoreDatastore] }),
    },
    unchanged,
  )
  printDone(output, values, { text: 'The settings are changed.' })
}

export async function resetSettings({ client, output, host }: Session, flags: { readonly yes?: boolean }): Promise<void> {
  await confirm(host, { ...flags, question: 'Return all settings, also log levels, to their defaults?' })
  printDone(output, await client.setting.remove(), { text: 'All settings are as they were in the beginning.' })
}

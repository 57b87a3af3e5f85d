import { contract } from '@virtkit/rest/contract'
import { z } from 'zod'
import { membersOf } from '../members.ts'
import { code, renderTable, sentence } from '../table.ts'

const groups = [
  [
    'VirtkitOptions',
    'Options of `createVirtkit`',
    'What a host hands in once. All that is wrong is told at once, as `INVALID_INPUT` naming each option.',
  ],
  ['OperationOptions', '`operations`', 'How a kit works on what was accepted.'],
  ['BackupOptions', '`backup`', 'Backups that a kit makes by itself.'],
  ['LogOptions', '`logs`', 'Where it writes down what it does.'],
  ['TokenOptions', '`tokens`', 'Access tokens of users.'],
  ['NotificationOptions', '`notifications`', 'How people are told.'],
  ['LicensingOptions', '`licensing`', 'Left out, nothing is licensed and nothing is limited.'],
] as const

/** The page about what can be set: the options of a host (`options.ts`), and what is kept in the database. Pure. */
export function renderSettings(options: string): string {
  return `# Settings

Two kinds: what a host hands to \`createVirtkit\` when it starts, and what is kept in the database and changed while it runs. What
\`virtkit serve\` takes is on [its own page](../../packages/cli/README.md#serve).

${groups.map(([name, title, text]) => renderOptions(options, name, title, text)).join('\n\n')}

## Kept in the database

\`kit.settings\`, \`GET\` and \`PUT /setting\`. A PUT returns what it leaves out to its default; DELETE returns all of it.

${renderFields(contract.setting.update.body)}

## Mail server

\`kit.mailSettings\`, \`GET\` and \`PUT /setting/notification\`.

${renderFields(contract.settingNotification.update.body)}
`
}

function renderOptions(source: string, name: string, title: string, text: string): string {
  const rows = membersOf(source, name).map((each) => [
    code(each.name),
    code(each.type),
    each.isOptional ? '' : 'yes',
    sentence(each.doc),
  ])
  return `## ${title}\n\n${text}\n\n${renderTable(['Option', 'Type', 'Needed', ''], rows)}`
}

function renderFields(fields: z.ZodObject): string {
  const { properties = {} } = z.toJSONSchema(fields, { io: 'input', unrepresentable: 'any' })
  const rows = Object.entries(properties).map(([name, schema]) => {
    const { description = '', enum: values } = schema as { description?: string; enum?: readonly string[] }
    return [code(name), sentence([description, values?.map(code).join(', ') ?? ''].filter(Boolean).join('; '))]
  })
  return renderTable(['Field', ''], rows)
}

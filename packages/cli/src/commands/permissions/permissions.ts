import type { Command } from 'commander'
import type { Session } from '../../connection/session.ts'
import { printList } from '../../output/print.ts'
import type { Run } from '../../program.ts'
import { works } from '../../verbs.ts'

export function permissions(noun: Command, run: Run): void {
  const list = noun.command('list').alias('ls').description('Lists what each group of permissions holds.')
  works(list, run, 'reads', async () => listPermissions)
}

async function listPermissions({ client, output }: Session): Promise<void> {
  const groups = await client.permissiongroups.list()
  const all = [...new Set(groups.flatMap((group) => group.permissions))].toSorted()
  if (output.isJson || output.isQuiet) return printList(output, groups, { columns: [], key: ({ name }) => name, none: '' })
  // Each permission once, and under each group whether it is in.
  printList(
    output,
    all.map((permission) => ({ permission })),
    {
      columns: [
        { title: 'permission', of: ({ permission }) => permission },
        ...groups.map(({ name, permissions: held }) => ({
          title: name,
          of: ({ permission }: { permission: string }) => (held.includes(permission) ? 'yes' : ''),
        })),
      ],
      key: ({ permission }) => permission,
      none: 'There are none.',
    },
  )
}

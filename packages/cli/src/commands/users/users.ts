import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, works } from '../../verbs.ts'
import { severalOf } from '../several-of.ts'

const passwordText = `
The password is asked for, piped in with --password-stdin, read from --password-file, or in VIRTKIT_USER_PASSWORD.`

const permissionGroups = ['administrator', 'operator', 'user', 'viewer']

export function users(noun: Command, run: Run): void {
  const add = withPassword(noun.command('add').description('Makes a user.').argument('<name>', 'who logs in'))
  add.addOption(severalOf('--permissions <group>', 'what the user may do (default: nothing)', permissionGroups))
  works(add, run, 'changes', async () => (await import('./change-user.ts')).addUser)

  const list = noun.command('list').alias('ls').description('Lists the users.')
  works(list, run, 'reads', async () => (await import('./show-users.ts')).listUsers)

  const show = noun.command('show').description('Shows a user; without a name, who asks.')
  show.argument('[user]', 'name or key')
  works(show, run, 'reads', async () => (await import('./show-users.ts')).showUser)

  const password = withPassword(noun.command('password').description('Gives a user a new password; their tokens end.'))
  password.argument('<user>', 'name or key')
  password.option('--name <name>', 'and a new name')
  works(password, run, 'changes', async () => (await import('./change-user.ts')).changePassword)

  const permissions = noun.command('permissions').description('Replaces what a user may do; their tokens end.')
  permissions.argument('<user>', 'name or key')
  permissions.argument('[group...]', `${permissionGroups.join(', ')}; none: nothing at all`)
  works(permissions, run, 'changes', async () => (await import('./change-user.ts')).changePermissions)

  const remove = noun.command('remove').alias('rm').description('Deletes users.').argument('<user...>', 'names or keys')
  works(destructive(remove), run, 'changes', async () => (await import('./change-user.ts')).removeUsers)
}

function withPassword(verb: Command): Command {
  return verb
    .option('--password-stdin', 'reads the password from stdin')
    .option('--password-file <file>', 'reads the password from the first line of a file')
    .addHelpText('after', passwordText)
}

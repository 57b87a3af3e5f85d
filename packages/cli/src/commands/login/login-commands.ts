import type { Command } from 'commander'
import type { OutputOptions } from '../../output/output.ts'
import type { Run } from '../../program.ts'
import { told } from '../../verbs.ts'
import type { LoginFlags } from './login.ts'

const loginText = `
The password is asked for, piped in with --password-stdin, or in VIRTKIT_PASSWORD; the token that the server gives for it is kept in
$XDG_CONFIG_HOME/virtkit/logins.json (else ~/.config), which is its owner's alone. Later commands work there unless they say another
place. A server with a certificate of your own: NODE_EXTRA_CA_CERTS=ca.pem.`

export function loginCommands(program: Command, run: Run): void {
  told(program.command('login'))
    .description('Logs in at a server, for all commands that follow.')
    .argument('[url]', 'where its API begins (default: VIRTKIT_URL, or where you logged in last)')
    .option('--user <name>', 'who you are (default: VIRTKIT_USER; else it asks)')
    .option('--password-stdin', 'reads the password from stdin')
    .addHelpText('after', loginText)
    .action(async (url: string | undefined, options: LoginFlags & OutputOptions) => {
      await run(async (context) => (await import('./login.ts')).login(url, options, context), options)
    })

  told(program.command('logout'))
    .description('Ends a login, at the server and here.')
    .argument('[url]', 'where (default: VIRTKIT_URL, or where you logged in last)')
    .action(async (url: string | undefined, options: OutputOptions) => {
      await run(async (context) => (await import('./login.ts')).logout(url, context), options)
    })
}

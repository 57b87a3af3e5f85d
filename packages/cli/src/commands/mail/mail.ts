import { type Command, Option } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, parsePort, works } from '../../verbs.ts'

const setText = `
What is not named stays as it is, also the password; with another server, port, security or user name it has to be given again.
The password is read when one of --password-stdin, --password-file or VIRTKIT_MAIL_PASSWORD says so.`

export function mail(noun: Command, run: Run): void {
  const show = noun.command('show').description('Shows the mail server that notifications go through.')
  works(show, run, 'reads', async () => (await import('./mail-settings.ts')).showMail)

  const set = noun.command('set').description('Changes what is named.')
  set.option('--server <host>', 'host name or address; without it no mail is sent')
  set.option('--port <port>', 'its port', parsePort)
  set.option('--username <name>', 'who we are there')
  set.option('--from <address>', 'the address that mail comes from')
  set.addOption(
    new Option('--security <kind>', 'auto: TLS on port 465, else STARTTLS').choices(['auto', 'tls', 'starttls', 'none']),
  )
  set.option('--password-stdin', 'reads the password from stdin')
  set.option('--password-file <file>', 'reads the password from the first line of a file')
  set.addHelpText('after', setText)
  works(set, run, 'changes', async () => (await import('./mail-settings.ts')).setMail)

  const reset = noun.command('reset').description('Forgets server and password; no mail is sent any more.')
  works(destructive(reset), run, 'changes', async () => (await import('./mail-settings.ts')).resetMail)
}

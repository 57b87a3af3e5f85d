import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, many, parseWhole, works } from '../../verbs.ts'

export function templates(noun: Command, run: Run): void {
  const list = noun.command('list').alias('ls').description('Lists the templates of a cluster, or of all.')
  list.argument('[cluster]', 'its name or key')
  works(list, run, 'reads', async () => (await import('./list-templates.ts')).listTemplates)

  const register = noun.command('register').description('Turns a stopped machine into a template; as a machine it is gone.')
  register.argument('<machine>', 'its name or key')
  works(destructive(register), run, 'operates', async () => (await import('./register-template.ts')).registerTemplate)

  const clone = noun.command('clone').description('Makes a machine from a template, without an installation.')
  clone.argument('<template>', 'its name on the hypervisor')
  clone.argument('<name>', 'what the machine is called; it becomes the host name')
  clone.requiredOption('--cluster <cluster>', 'where the template is')
  clone.requiredOption('--owner <group>', 'who is charged')
  clone.option('--cpus <count>', "processors (default: the template's)", parseWhole)
  clone.option('--memory <size>', 'memory, such as 4GB')
  clone.option('--disk <size>', "disk, no smaller than the template's")
  clone.option('--datastore <name>', 'a datastore (default: auto)')
  clone.option('--network <network>', 'gets a card with a free address; may be given several times', many)
  clone.option('--ssh-key <file>', 'lets in who has this key (a line as in authorized_keys); several times', many)
  works(clone, run, 'operates', async () => (await import('./clone-template.ts')).cloneTemplate)
}

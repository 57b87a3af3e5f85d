import { isCrypted, isHostname } from './installer.ts'

type Ask = (question: string) => string | undefined

/**
 * The questions that debian-installer would stop at, at any priority: those that have no default that it may take without a
 * person. https://www.debian.org/releases/stable/amd64/apbs04
 */
export function openQuestions(ask: Ask): string[] {
  const open: string[] = []
  const need = (question: string, ...accepted: readonly string[]): void => {
    const answer = ask(question)
    if (answer === undefined || (accepted.length > 0 && !accepted.includes(answer))) open.push(question)
  }
  need('debian-installer/locale')
  if (!isHostname(ask('netcfg/get_hostname') ?? ask('netcfg/hostname'))) open.push('netcfg/get_hostname')
  const protocol = ask('mirror/protocol') ?? 'http'
  need(`mirror/${protocol}/hostname`)
  need(`mirror/${protocol}/directory`)
  need(`mirror/${protocol}/proxy`)

  if (ask('passwd/root-login') !== 'false') {
    const crypted = isCrypted(ask('passwd/root-password-crypted'))
    const plain =
      ask('passwd/root-password') !== undefined && ask('passwd/root-password') === ask('passwd/root-password-again')
    if (!crypted && !plain) open.push('passwd/root-password-crypted')
  }
  if (ask('passwd/make-user') !== 'false' && !ask('passwd/username')) open.push('passwd/make-user')
  if (ask('time/zone') === undefined) open.push('time/zone')

  need('partman-auto/method', 'regular', 'lvm', 'crypto', 'raid')
  if (ask('partman-auto/expert_recipe') === undefined) need('partman-auto/choose_recipe')
  need('partman-partitioning/confirm_write_new_label', 'true')
  need('partman/choose_partition', 'finish')
  need('partman/confirm', 'true')
  need('partman/confirm_nooverwrite', 'true')
  if (ask('grub-installer/only_debian') !== 'true') need('grub-installer/with_other_os', 'true')
  need('finish-install/reboot_in_progress')
  return open
}

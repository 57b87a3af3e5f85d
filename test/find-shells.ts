import { spawnSync } from 'node:child_process'

/** What a person types when a shell is missing. */
export const installShells: string = '.ci/install-debian-packages   (or apt-get install bash zsh fish)'

/** Why completion cannot be tried in each shell, or undefined when it can. */
export function lacksShells(): string | undefined {
  const missing = ['bash', 'zsh', 'fish'].filter((shell) => spawnSync(shell, ['--version']).status !== 0)
  return missing.length === 0 ? undefined : `there is no ${missing.join(' and no ')}`
}

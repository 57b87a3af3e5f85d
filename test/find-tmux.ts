import { spawnSync } from 'node:child_process'

/** What a person types when there is no tmux. */
export const installTmux: string = '.ci/install-debian-packages   (or apt-get install tmux)'

/** Why no terminal session can be had, or undefined when one can. */
export function lacksTmux(): string | undefined {
  const { status } = spawnSync('tmux', ['-V'])
  return status === 0 ? undefined : 'there is no tmux'
}

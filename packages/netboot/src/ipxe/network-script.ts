import type { GuestUrls } from '../plan/guest-urls.ts'

/**
 * What a machine that boots from the network gets by TFTP: its card is up by then, and it goes on with the run's script on the boot
 * server, for as long as it takes.
 */
export function renderNetworkScript(urls: GuestUrls): string {
  const lines = [
    '#!ipxe',
    ':start',
    `chain --replace ${urls.script} || goto again`,
    ':again',
    'echo Virtkit: no answer from the boot server, trying again',
    'sleep 5',
    'goto start',
  ]
  return `${lines.join('\n')}\n`
}

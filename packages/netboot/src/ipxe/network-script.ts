import type { GuestUrls } from '../plan/guest-urls.ts'

/** How often a machine asks for its script before it goes on to what its firmware boots next. */
const asked = 24

/**
 * What every machine of a site gets that boots from the network: it asks for the script of its card. The site's machines all get it, so
 * that none waits for a boot server that is away for long.
 */
export function renderSiteScript(origin: string): string {
  const lines = [
    '#!ipxe',
    'set tries:int32 0',
    ':start',
    // Firmware hands its card over closed.
    `ifopen netX || dhcp netX || goto again`,
    `chain --replace ${origin}/card/\${netX/mac:hexhyp}/script.ipxe || goto again`,
    ':again',
    'inc tries',
    `iseq \${tries} ${asked} && exit 1 ||`,
    'echo Virtkit: no answer from the boot server, trying again',
    'sleep 5',
    'goto start',
  ]
  return `${lines.join('\n')}\n`
}

/** What a machine gets for whom nothing is installed: firmware goes on to what it boots next. */
export function renderNobodysScript(): string {
  return '#!ipxe\necho Virtkit: nothing to install on this machine\nexit 1\n'
}

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

import { LiveBars } from '../../output/bars.ts'
import type { Output } from '../../output/output.ts'
import { renderBlocking } from '../../output/error-text.ts'
import { renderAddresses, renderInventory, renderUsage } from './inventory-text.ts'
import type { QuickstartEvent } from './quickstart-events.ts'
import type { Report } from './report.ts'

/** Tells in words: on a terminal with bars that move, elsewhere with one line per machine and phase. */
export function createTextReport(output: Output): Report {
  const { paint } = output
  const bars = output.isLive
    ? new LiveBars(
        (text) => output.raw(text),
        () => output.columns,
      )
    : undefined
  const phases = new Map<string, string>()
  const line = (text = ''): void => (bars ? bars.line(text) : output.line(text))
  const aside = (text = ''): void => void (output.isQuiet || line(text))
  const title = (text: string): void => {
    bars?.end()
    line()
    line(paint('bold', text))
  }

  const progress = ({ machine, phase, percent, detail }: QuickstartEvent & { event: 'progress' }): void => {
    if (phases.size === 0) aside(`\n${paint('bold', 'Installing side by side')}`)
    const text = detail === undefined ? phase : `${phase}: ${detail}`
    if (bars) bars.set({ name: machine, percent, text })
    else if (phases.get(machine) !== phase) aside(`${machine}  ${text}`)
    phases.set(machine, phase)
  }

  const tell = (event: QuickstartEvent): void => {
    switch (event.event) {
      case 'opened':
        return openedText(event, paint).forEach(aside)
      case 'set-up':
        return aside(`${event.made ? paint('green', '+') : '='} ${event.what} ${event.name}${event.made ? '' : ' (found)'}`)
      case 'progress':
        return progress(event)
      case 'ready':
        bars?.end()
        return line(
          `${paint('green', '✓')} ${event.machine} is ready at ${event.address} ${paint('dim', `(${event.how})`)}`,
        )
      case 'refused':
        title(`${event.machine} is refused: ${paint('yellow', event.code)}`)
        return event.blocking.forEach((each) => line(`  ${renderBlocking(each)}`))
      case 'snapshot':
        return snapshotText(event, title, aside)
      case 'inventory':
        title('Inventory')
        return renderInventory(event.machines, output).forEach(line)
      case 'addresses':
        title(`Addresses of ${event.network} ${event.cidr}`)
        return renderAddresses(event.addresses, output).forEach(line)
      case 'usage':
        title(`Contingent of ${event.group}`)
        return renderUsage(event.dimensions).forEach(line)
      case 'trouble':
        return aside(paint('yellow', `! ${event.error.code}: ${event.error.message}`))
      case 'done':
        return doneText(event.durationMs).forEach(aside)
    }
  }
  return { tell, end: () => bars?.end() }
}

function openedText(
  { database, simulator, bootServer }: QuickstartEvent & { event: 'opened' },
  paint: Output['paint'],
): string[] {
  const whose = simulator.own ? `of its own, state in ${simulator.stateFile ?? 'memory'}` : 'that runs elsewhere'
  return [
    paint('bold', 'Virtkit quickstart'),
    `  database     ${database}`,
    `  hypervisor   a simulated one ${whose}: ${simulator.url}`,
    `  boot server  ${bootServer}`,
    '',
    'The guests are simulated, their network is not: they fetch boot script, kernel and answer file from the boot',
    'server and report to it. Kernel and initrd are stand-ins, because there is no mirror here: nothing could run them.',
    '',
  ]
}

function snapshotText(
  { machine, snapshot, step }: QuickstartEvent & { event: 'snapshot' },
  title: (text: string) => void,
  aside: (text: string) => void,
): void {
  if (step === 'reverted') return aside(`${machine} is back at "${snapshot}", and runs`)
  title(`Snapshot of ${machine}`)
  aside(step === 'taken' ? `"${snapshot}" is taken, memory included` : `"${snapshot}" is there, from an earlier run`)
}

function doneText(durationMs: number): string[] {
  return [
    '',
    'Root has a random password on each machine, and nobody was told: the quickstart does not log in. Give your own with',
    "  kit.installs.start(machine, { passwordHash: '$6$…', sshKeys: ['ssh-ed25519 …'] })",
    '',
    `Done in ${(durationMs / 1000).toFixed(1)} s; everything is closed. Run it again: it finds these machines.`,
  ]
}

import { FetchFailed } from '../fetch-failed.ts'
import { ipxeAliases, ipxeCommands } from './ipxe-commands.ts'
import type { IpxeEffect, IpxeState } from './ipxe-commands.ts'
import { IpxeError } from './ipxe-machine.ts'
import type { IpxeMachine, IpxeOutcome } from './ipxe-machine.ts'
import { createIpxeNetwork } from './ipxe-network.ts'
import { isIpxeScript, maximumScriptBytes, readIpxeLine, readIpxeScript } from './ipxe-script.ts'
import type { IpxeScript } from './ipxe-script.ts'
import { createIpxeSettings } from './ipxe-settings.ts'

// Without a sleep between them: a script that only runs in circles is stopped.
const maximumCommands = 10_000
const maximumDepth = 16

type Effect = Exclude<IpxeEffect, undefined>
type LineEnd = Effect | { readonly failed: boolean }

/**
 * Runs a boot script as iPXE does (https://ipxe.org/scripting): line by line; a line that fails ends the script with failure,
 * unless `||` gives an alternative.
 *
 * Promises: rejects only with the signal's reason; every failure of the script is an outcome.
 */
export async function runIpxe(script: Uint8Array, machine: IpxeMachine): Promise<IpxeOutcome> {
  if (!isIpxeScript(script) || script.length > maximumScriptBytes) {
    machine.print('Exec format error')
    return { kind: 'exit', failed: true }
  }
  const settings = createIpxeSettings(machine)
  const network = createIpxeNetwork(machine, settings)
  const run = createRun({ machine, settings, network, images: [], selected: undefined })
  return run(Buffer.from(script).toString('utf8'), 0)
}

function createRun(state: IpxeState): (text: string, depth: number) => Promise<IpxeOutcome> {
  const { machine, settings } = state
  let commands = 0

  const runCommand = async (words: readonly string[]): Promise<IpxeEffect> => {
    machine.signal.throwIfAborted()
    commands += 1
    if (commands > maximumCommands) return { end: { kind: 'shell' } }
    const [name, ...args] = words.map((word) => settings.expand(word))
    if (name === undefined || name === '') return undefined
    const command = ipxeCommands[ipxeAliases[name] ?? name]
    if (name === 'sleep') commands = 0
    if (!command) throw new IpxeError(`${name}: command not found`)
    const effect = await command(args, state)
    // A command that only prints hands on whatever its printer answered.
    return typeof effect === 'object' ? effect : undefined
  }
  /** A script that was chained answers like a command: with success, failure, or an end of everything. */
  const effectOf = async (words: readonly string[], depth: number): Promise<LineEnd | undefined> => {
    const effect = await runCommand(words)
    if (!effect || !('run' in effect)) return effect
    if (depth === maximumDepth) throw new IpxeError('Out of memory')
    const outcome = await run(effect.run, depth + 1)
    if (outcome.kind !== 'exit') return { end: outcome }
    if (effect.replace) return { leave: outcome.failed ? 'failure' : 'success' }
    return { failed: outcome.failed }
  }
  const runLine = async (line: string, depth: number, script: IpxeScript): Promise<LineEnd> => {
    let failed = false
    for (const { when, words } of readIpxeLine(line)) {
      if (when !== 'always' && failed !== (when === 'failure')) continue
      try {
        const end = await effectOf(words, depth)
        if (end && 'go' in end && script.label(end.go) === undefined) throw new IpxeError(`No such label: ${end.go}`)
        if (end && !('failed' in end)) return end
        failed = end?.failed ?? false
      } catch (error) {
        if (!(error instanceof IpxeError) && !(error instanceof FetchFailed)) throw error
        machine.print(`${words[0] ?? ''}: ${error.message}`)
        failed = true
      }
    }
    return { failed }
  }
  const run = async (text: string, depth: number): Promise<IpxeOutcome> => {
    const script = readIpxeScript(text)
    for (let number = 0; number < script.lines.length;) {
      const end = await runLine(script.lines[number] ?? '', depth, script)
      if ('end' in end) return end.end
      if ('leave' in end) return { kind: 'exit', failed: end.leave === 'failure' }
      if ('failed' in end && end.failed) return { kind: 'exit', failed: true }
      number = 'go' in end ? (script.label(end.go) ?? 0) : number + 1
    }
    return { kind: 'exit', failed: false }
  }
  return run
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** Reads along on a guest's serial line, and shows it should the test fail. */
export function keepConsole(terminal: string): void {
  const reader = spawn('cat', [terminal], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(reader, 'close')
  let said = ''
  reader.stdout.setEncoding('latin1').on('data', (chunk: string) => (said += chunk))
  onTestFinished(async ({ task }) => {
    reader.kill()
    await ended
    if (task.result?.state === 'fail') process.stderr.write(`the guest's console:\n${said}\n`)
  })
}

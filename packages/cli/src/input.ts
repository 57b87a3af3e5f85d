import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** What somebody types, or what is piped in. */
export interface Input {
  /** Somebody is there to be asked. */
  readonly isTTY: boolean
  /** All that is piped in. */
  text(): Promise<string>
  /** Asks a line on stderr, so that stdout holds answers only. `hidden`: what is typed is not shown. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string>
}

/** The process's own; `interrupt` is called when somebody presses Ctrl-C at a question, which then is never answered. */
export function terminalInput(interrupt: () => void): Input {
  const { stdin, stderr } = process
  return {
    get isTTY() {
      return stdin.isTTY && stderr.isTTY
    },
    text: () => text(stdin),
    ask: (question, { hidden = false } = {}) =>
      new Promise((resolve, reject) => {
        // The question is ours to write: readline would echo what is typed behind its own.
        const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
        const lines = createInterface({ input: stdin, output: hidden ? silent : stderr, terminal: true })
        if (hidden) stderr.write(question)
        lines.once('SIGINT', () => {
          lines.close()
          stderr.write('\n')
          interrupt()
          reject(new Error('interrupted at a question'))
        })
        lines.question(hidden ? '' : question, (answer) => {
          lines.close()
          if (hidden) stderr.write('\n')
          resolve(answer)
        })
      }),
  }
}

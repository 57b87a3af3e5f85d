import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface TerminalOptions {
  readonly columns: number
  readonly lines: number
  /** Where the shell begins. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

/** What somebody types while a command runs. */
export interface Answer {
  /** When this is on the screen. */
  readonly when: RegExp
  readonly type: string
}

/** A shell in a terminal of its own, as a person has it. */
export class Terminal implements Disposable {
  readonly #socket: string

  private constructor(socket: string) {
    this.#socket = socket
  }

  /** Promises: nothing of the machine's own settings is in it. */
  static async open({ columns, lines, folder, env }: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(join(folder, 'tmux'))
    const prompt = `tmux -S ${terminal.#socket} wait-for -S prompt`
    const more = { ...env, TERM: 'screen-256color', PS1: '$ ', PROMPT_COMMAND: prompt, LANG: 'C.UTF-8', HISTFILE: '' }
    const shell = ['env', '-i', ...Object.entries(more).map(([name, value]) => `${name}=${value}`), 'bash', '--norc']
    const size = ['-x', String(columns), '-y', String(lines)]
    const start = ['-u', '-f', '/dev/null', 'new-session', '-d', ...size, '-c', folder]
    await terminal.#tmux(...start, shell.map(quote).join(' '))
    await terminal.#tmux('wait-for', 'prompt')
    return terminal
  }

  /** Types a line and answers what is on the screen from it on, when the shell asks for the next one. `watch` sees it on the way. */
  async type(line: string, answers: readonly Answer[] = [], watch?: (screen: string) => void): Promise<string> {
    let isDone = false
    const done = this.#tmux('wait-for', 'prompt').then(() => (isDone = true))
    await this.#enter(line)
    for (const { when, type } of answers) {
      while (!when.test(await this.#since(line))) {
        if (isDone) throw new Error(`nobody was asked ${String(when)}:\n${await this.#since(line)}`)
        await sleep(20)
      }
      await this.#enter(type)
    }
    while (!isDone) {
      watch?.(await this.#since(line))
      await Promise.race([done, sleep(20)])
    }
    // The shell says that it is done before it asks for the next line.
    for (;;) {
      const shown = (await this.#since(line)).trimEnd().split('\n')
      if (shown.at(-1)?.trimEnd() === '$')
        return shown
          .slice(0, -1)
          .map((each) => each.trimEnd())
          .join('\n')
      await sleep(20)
    }
  }

  [Symbol.dispose](): void {
    execFileSync('tmux', ['-S', this.#socket, 'kill-server'])
  }

  async #enter(text: string): Promise<void> {
    await this.#tmux('send-keys', '-t', '0', '-l', text)
    await this.#tmux('send-keys', '-t', '0', 'Enter')
  }

  /** What is on the screen from the line on; lines that were wrapped are in one. */
  async #since(line: string): Promise<string> {
    const screen = await this.#tmux('capture-pane', '-p', '-J', '-S', '-', '-t', '0')
    return screen.slice(Math.max(0, screen.lastIndexOf(`$ ${line}`)))
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    return (await run('tmux', ['-S', this.#socket, ...args])).stdout
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeHost } from '../../../test/run-command.ts'
import { createProgram } from '../../program.ts'
import { runVirtkit } from '../../run.ts'
import { commandTree } from './command-tree.ts'
import { type Shell, shells } from './completion.ts'
import { renderBash } from './render-bash.ts'
import { renderFish } from './render-fish.ts'
import { renderZsh } from './render-zsh.ts'

const run = promisify(execFile)
let folder: string
/** The run says which shells were missing. */
const lacks = (shell: Shell): boolean => spawnSync(shell, ['--version']).status !== 0
const script = (shell: Shell): string => join(folder, `virtkit.${shell}`)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtkit-completion-'))
  await writeFile(join(folder, 'cert.pem'), '')
  for (const shell of shells) {
    const host = fakeHost()
    await runVirtkit(['completion', shell], host)
    await writeFile(script(shell), host.printed)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The words that a real shell offers for the last word of a line. */
const offers: Readonly<Record<Shell, (words: readonly string[]) => Promise<readonly string[]>>> = {
  bash: async (words) => {
    const ask = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _virtkit; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await run('bash', ['--norc', '-c', ask, script('bash'), ...words], { cwd: folder })
    return stdout.split('\n').filter((each) => each !== '')
  },
  zsh: async (words) => {
    // What would be handed to the completion system is printed in place of that.
    const ask = `compdef() {}; source "$1"; shift
      compadd() { shift; print -rl -- "$@" }
      _describe() { local -a them=("\${(@P)2}"); print -rl -- "\${them[@]%%:*}" }
      _files() { print -rl -- $PREFIX*(N) }
      words=("$@"); CURRENT=$#; PREFIX="\${@[-1]}"; _virtkit`
    const { stdout } = await run('zsh', ['-f', '-c', ask, 'zsh', script('zsh'), ...words], { cwd: folder })
    const last = words.at(-1) ?? ''
    return stdout.split('\n').filter((each) => each !== '' && each.startsWith(last))
  },
  fish: async (words) => {
    const ask = 'source $argv[1]; complete -C $argv[2]'
    const { stdout } = await run('fish', ['--no-config', '-c', ask, script('fish'), words.join(' ')], { cwd: folder })
    return stdout
      .split('\n')
      .flatMap((line) => line.split('\t').slice(0, 1))
      .filter((each) => each !== '')
  },
}

describe.each(shells.filter((shell) => !lacks(shell)))('in a real %s', (shell) => {
  const offered = async (...words: string[]): Promise<readonly string[]> =>
    (await offers[shell](['virtkit', ...words])).toSorted()

  it('commands, and what is below them', async () => {
    expect(await offered('serv')).toEqual(['serve'])
    expect(await offered('simulator', 'h')).toEqual(['help', 'hypervisor'])
    expect(await offered('completion', 'f')).toEqual(['fish'])
    expect(await offered('cluster', 'imp')).toEqual(['import'])
  })

  it('options of the command, and of no other', async () => {
    expect(await offered('serve', '--tls')).toEqual(['--tls-cert', '--tls-key'])
    expect(await offered('driver', 'check', '--simulated')).toEqual([])
    expect(await offered('driver', 'check', '--rep')).toEqual(['--report'])
  })

  it('values: choices, files, or nothing that could be known', async () => {
    expect(await offered('simulator', 'hypervisor', '--pace', '')).toEqual(['fast', 'real'])
    expect(await offered('serve', '--tls-cert', 'ce')).toEqual(['cert.pem'])
    expect(await offered('serve', '--port', '')).toEqual([])
    expect(await offered('driver', 'check', 'cer')).toEqual(['cert.pem'])
  })

  it('a value that is called like a command is none', async () => {
    expect(await offered('serve', '--host', 'driver', '--tls')).toEqual(['--tls-cert', '--tls-key'])
  })
})

it.skipIf(lacks('zsh'))('in zsh, on a terminal, the Tab key completes', async () => {
  const ask = `zmodload zsh/zpty
    zpty shell "zsh -f -i"
    zpty -w shell 'autoload -Uz compinit && compinit -D; source '"$1"'; said() { print -r -- "<<$BUFFER>>" }; zle -N said; bindkey "^O" said; print re""ady'
    while zpty -r shell line && [[ $line != *ready* ]]; do :; done
    zpty -w -n shell $'virtkit serve --tls-c\\t\\x0f'
    while zpty -r shell line; do [[ $line = *'<<'*'>>'* ]] && print -r -- $line && break; done
    zpty -d shell`
  const { stdout } = await run('zsh', ['-f', '-c', ask, 'zsh', script('zsh')], { timeout: 25_000 })
  expect(stdout).toContain('<<virtkit serve --tls-cert >>')
})

it('every command of the program is in the tree, under each of its names', async () => {
  const program = await createProgram(fakeHost(), async () => {}, 'everything')
  const paths = commandTree(program).map(({ path }) => path)
  const expected = (command: Command, above: readonly string[]): string[] =>
    command.commands.flatMap((child) =>
      [child.name(), ...child.aliases()].flatMap((name) => {
        const path = [...above, name]
        return [path.join(' '), ...expected(child, path)]
      }),
    )
  expect(paths).toEqual(['', ...expected(program, [])])
  expect(paths).toContain('cluster ls')
})

it.skipIf(shells.some(lacks))('texts with quotes, colons and backslashes stay texts', async () => {
  const nasty = new Command('virtkit')
  nasty.command('odd').description(`it's a "test": $(touch x) \`touch y\` \\ back`).option('--a <x>', "isn't: it")
  const tree = commandTree(nasty)
  await writeFile(join(folder, 'odd.bash'), renderBash(tree))
  await writeFile(join(folder, 'odd.zsh'), renderZsh(tree))
  await writeFile(join(folder, 'odd.fish'), renderFish(tree))
  await run('bash', ['-n', join(folder, 'odd.bash')])
  await run('zsh', ['-f', '-n', join(folder, 'odd.zsh')])
  const { stdout } = await run('fish', [
    '--no-config',
    '-c',
    'source $argv[1]; complete -C "virtkit od"',
    join(folder, 'odd.fish'),
  ])
  expect(stdout).toBe(`odd\tit's a "test": $(touch x) \`touch y\` \\ back\n`)
})

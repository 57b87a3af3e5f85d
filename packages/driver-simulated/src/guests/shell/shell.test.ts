import { beforeEach, describe, expect, it } from 'vitest'
import { createVirtualClock } from '../../virtual-clock.ts'
import type { VirtualClock } from '../../virtual-clock.ts'
import type { BootRequest } from '../boot-client.ts'
import { FetchFailed } from '../fetch-failed.ts'
import { below, createFileTree } from '../file-tree.ts'
import type { FileTree } from '../file-tree.ts'
import { runShell } from './shell.ts'
import type { ShellHost } from './shell-host.ts'

let printed: string[]
let requests: BootRequest[]
let answers: (number | string)[]
let files: FileTree
let clock: VirtualClock
let host: ShellHost

beforeEach(() => {
  printed = []
  requests = []
  answers = []
  files = createFileTree()
  clock = createVirtualClock()
  const base = {
    clock,
    signal: new AbortController().signal,
    print: (line: string) => void printed.push(line),
    client: {
      fetch: () => Promise.reject(new FetchFailed('not used')),
      request: async (request: BootRequest) => {
        requests.push(request)
        const answer = answers.shift() ?? 200
        if (answer === 0) throw new FetchFailed('Connection refused')
        return typeof answer === 'number'
          ? { status: answer, body: new Uint8Array() }
          : { status: 200, body: Buffer.from(answer) }
      },
    },
  }
  const target = { folder: '/target', host: { ...base, files: below(files, '/target'), tools: new Set(['curl']) } }
  host = { ...base, files, tools: new Set(['wget', 'curl']), target }
})

const says = async (script: string): Promise<string[]> => {
  await runShell(script, host)
  return printed
}

describe('words', () => {
  it('are quoted as POSIX says', async () => {
    expect(await says(`x='a  b'; echo "$x" $x 'it'\\''s' "\\$x \\"q\\"" \\$x a\\ b`)).toEqual([
      `a  b a b it's $x "q" $x a b`,
    ])
  })

  it('expand variables, commands and arithmetic', async () => {
    expect(
      await says('n=1; n=$((n + 2 * 3)); echo $n "$(echo "a b" | tr a-z A-Z)" `echo c` ${none:-d} ${n:+set} ${#n}'),
    ).toEqual(['7 A B c d set 1'])
    expect(await says('p=/sys/class/net/ens3; echo ${p##*/} ${p%/*} ${p#/sys}')).toContain(
      'ens3 /sys/class/net /class/net/ens3',
    )
    expect(await says(`l="x Configuring 'grub' failed"; s=\${l#*Configuring \\'}; echo "\${s%%\\'*}"`)).toContain('grub')
  })

  it('match files where they are patterns', async () => {
    files.write('/sys/class/net/ens3/address', 'aa\n')
    files.write('/sys/class/net/ens4/address', 'bb\n')
    expect(await says('echo /sys/class/net/* "/sys/*" /none/*')).toEqual([
      '/sys/class/net/ens3 /sys/class/net/ens4 /sys/* /none/*',
    ])
  })
})

describe('commands', () => {
  it('are joined by && || ; and lines', async () => {
    expect(await says('false && echo a || echo b; true && echo c\nfalse || false && echo d\n! false && echo e')).toEqual([
      'b',
      'c',
      'e',
    ])
  })

  it('branch and loop', async () => {
    expect(await says('if [ -z "" ] && [ 2 -gt 1 ]; then echo yes; elif false; then echo no; else echo never; fi')).toEqual(
      ['yes'],
    )
    expect(await says('for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done')).toEqual(['yes', '1', '3'])
    expect(await says('case "abc" in x) echo x;; a*|b) echo a;; *) echo other; esac')).toContain('a')
    expect(await says("printf '%s\\n' one 'two words' | while read -r a b; do echo \"$a-$b\"; done")).toEqual(
      expect.arrayContaining(['one-', 'two-words']),
    )
  })

  it('call functions with arguments of their own', async () => {
    expect(
      await says(
        'f() {\n  for x in 1 2; do if [ $x = "$1" ]; then echo "found $1"; return; fi; done\n  return 3\n}\nf 2\nf 9 || echo $?',
      ),
    ).toEqual(['found 2', '3'])
  })

  it('answer the status of the last one, and 127 for a program that is not there', async () => {
    expect(await runShell('exit 3', host)).toBe(3)
    expect(await runShell('true; false', host)).toBe(1)
    expect(await runShell('frobnicate', host)).toBe(127)
    expect(await runShell('set -e; false; echo never', host)).toBe(1)
    expect(await runShell('set -e; false || true; echo on', host)).toBe(0)
    expect(printed).toEqual(['sh: frobnicate: not found', 'on'])
  })

  it.each(["echo 'open", 'if true; then echo', 'echo $(', 'cat <<EOF\nno end', 'echo a && ', '( echo'])(
    'are refused when broken: %s',
    async (script) => {
      expect(await runShell(script, host)).toBe(2)
    },
  )

  it('end when they run in circles, and with the power', async () => {
    expect(await runShell('while true; do :; done', host)).toBe(1)
    const power = new AbortController()
    power.abort(new Error('power off'))
    await expect(runShell('echo x', { ...host, signal: power.signal })).rejects.toThrow('power off')
  })
})

describe('files', () => {
  it('are written by redirects and here-documents', async () => {
    const script = `name=x\ncat > /etc/a <<'EOF'\nkeep $name\nEOF\ncat <<EOF >> /etc/a\nset $name\nEOF\nprintf '%s\\n' 1 2 > /etc/b 2>/dev/null\necho gone >/dev/null 2>&1`
    expect(await says(script)).toEqual([])
    expect(files.read('/etc/a')).toBe('keep $name\nset x\n')
    expect(files.read('/etc/b')).toBe('1\n2\n')
  })

  it('are copied, removed and looked for', async () => {
    await says('echo x > /a; cp /a /b; mv /b /c; rm -f /a; [ -f /c ] && [ ! -e /a ] && cat /c')
    expect(printed).toEqual(['x'])
  })

  it('belong to the target inside of chroot, in-target and curtin', async () => {
    await says(
      "mkdir -p /target/x; echo 1 > /target/x/a; in-target sh -c 'echo 2 > /x/b'; chroot /target touch /x/c; curtin in-target --target=/target -- touch /x/d",
    )
    expect(files.paths()).toEqual(['/target/x/a', '/target/x/b', '/target/x/c', '/target/x/d'])
  })
})

describe('wget and curl', () => {
  it('post forms and headers', async () => {
    await says(
      `wget -q -O /dev/null --timeout=20 --tries=1 --post-data 'a=1&b=2' http://h/r; curl -fsS -m 20 -o /dev/null -X POST -H 'X-A: b' -d a=1 -d 'c=d e' http://h/r`,
    )
    expect(requests).toMatchObject([
      {
        url: 'http://h/r',
        method: 'POST',
        body: 'a=1&b=2',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      { url: 'http://h/r', method: 'POST', body: 'a=1&c=d e', headers: { 'x-a': 'b' } },
    ])
  })

  it('write what they fetch', async () => {
    answers = ['#!/bin/sh\necho hello\n', 'printed']
    await says('wget -q -O /run-me http://h/s && chmod +x /run-me && /run-me; curl -s http://h/p')
    expect(printed).toEqual(['hello', 'printed'])
  })

  it('fail when the server does, curl only when it is to', async () => {
    answers = [500, 500, 500, 0]
    expect(await runShell('wget -q http://h/', host)).toBe(8)
    expect(await runShell('curl -s http://h/', host)).toBe(0)
    expect(await runShell('curl -fs http://h/', host)).toBe(22)
    expect(await runShell('curl -fsS http://h/', host)).toBe(7)
    expect(printed).toEqual(['curl: Connection refused'])
  })

  it('are not there where they are not installed', async () => {
    expect(await runShell('in-target wget http://h/', host)).toBe(127)
    expect(await runShell('in-target curl -s http://h/', host)).toBe(0)
    expect(requests).toHaveLength(1)
  })

  it('refuse options that they do not have', async () => {
    expect(await runShell('curl --frobnicate http://h/', host)).toBe(2)
    expect(await runShell('wget -q', host)).toBe(2)
    expect(requests).toEqual([])
  })

  it('are tried again as a script says, in the time of the guest', async () => {
    answers = [0, 503, 200]
    const startedAt = clock.now()
    await says(
      'tries=0\nuntil curl -fs http://h/; do\n  tries=$((tries + 1))\n  [ "$tries" -lt 10 ] || break\n  sleep 30\ndone\necho done $tries',
    )
    expect(printed).toEqual(['done 2'])
    expect(clock.now() - startedAt).toBe(60_000)
  })
})

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const readme = readFileSync('README.md', 'utf8')
const [, serve] = /```sh\n(VIRTKIT_ADMIN_PASSWORD=.*)\n```/.exec(readme) ?? []
const [, calls] = /runs these lines -->\n\n```sh\n(.*?)```/s.exec(readme) ?? []

it('a newcomer starts a server and installs a machine with the lines of the README', async () => {
  const [, password, flags] = /^VIRTKIT_ADMIN_PASSWORD=(\S+) npm run virtkit -- (.*) --port 7080$/.exec(serve ?? '') ?? []
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-readme-'))
  const args = ['--conditions=@virtkit/source', resolve('packages/cli/src/main.ts'), ...flags!.split(' '), '--port', '0']
  const server = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], VIRTKIT_ADMIN_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
    const [, host] = /^virtkit: listening on http:\/\/(.*)$/.exec(line) ?? []
    expect(calls).toContain('127.0.0.1:7080')
    const script = calls!.replace('127.0.0.1:7080', host!)
    const shell = (text: string) => runLines(text, folder)
    const [created, installing, read] = await shell(script)
    expect(created).toMatchObject({ key: 1, name: 'web-1', cpu: 2, ram: '4GB', disc: '40GB', networks: [1] })
    expect(installing).toMatchObject({ msg: expect.stringContaining('install') })
    expect(read).toMatchObject({ key: 1, name: 'web-1' })
    const lines = script.trim().split('\n')
    const until = `until ${lines.at(-1)} | tee last | grep -q '"deployed":true'; do sleep 0.2; done; cat last`
    const [ready] = await shell([...lines.slice(0, 2), until].join('\n'))
    expect(ready).toMatchObject({ key: 1, deployed: true })
    server.kill('SIGTERM')
    expect(await once(server, 'exit')).toEqual([0, null])
  } finally {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Runs lines as a terminal would, and answers the JSON values that they print. */
async function runLines(script: string, cwd: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await promisify(execFile)('sh', ['-euc', script], { cwd })
  return stdout
    .replaceAll('}{', '}\n{')
    .split('\n')
    .map((each) => JSON.parse(each) as Record<string, unknown>)
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { lacksLibvirt } from '@virtkit/test-libvirt'
import { describe, expect, it } from 'vitest'

const lacks = lacksLibvirt()

describe.skipIf(lacks !== undefined && !process.env.CI)('the libvirtd of the tests', () => {
  it('ends with whoever started it, killed or not', async () => {
    const script = fileURLToPath(new URL('libvirt/serve-libvirtd.ts', import.meta.url))
    const starter = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [line] = (await once(createInterface({ input: starter.stdout }), 'line')) as [string]
    const { url, pid } = JSON.parse(line) as { url: string; pid: number }
    const socket = url.slice(url.indexOf('socket=') + 'socket='.length)
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    starter.kill('SIGKILL')
    await once(starter, 'exit')
    const isGone = async (): Promise<boolean> => {
      for (const until = Date.now() + 10_000; Date.now() < until;) {
        if (!existsSync(`/proc/${pid}`)) return true
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      return false
    }
    expect(await isGone()).toBe(true)
    rmSync(dirname(socket), { recursive: true, force: true })
  })
})

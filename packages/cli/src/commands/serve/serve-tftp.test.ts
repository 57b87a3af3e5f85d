import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { fakeHost } from '../../../test/run-command.ts'
import { runVirtkit } from '../../run.ts'

it('a folder of iPXE is served by TFTP, until it is interrupted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-serve-tftp-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'undionly.kpxe'), 'the program')
  writeFileSync(join(folder, 'ipxe.efi'), 'MZ autoexec.ipxe')
  writeFileSync(join(folder, 'secret.txt'), 'not a program')
  const port = await freePort()
  const host = fakeHost({ cwd: folder })
  const words = ['serve', '--simulated', '--database', ':memory:', '--boot-programs', '.', '--tftp-port', String(port)]
  const ended = runVirtkit(words, host)
  await vi.waitFor(() => expect(host.printed).toContain('listening'), 20_000)
  expect((await ask(port, 'undionly.kpxe')).toString('latin1')).toBe('\0\x03\0\x01the program')
  expect((await ask(port, 'secret.txt')).toString('latin1', 4)).toContain('not found')
  host.interrupt()
  expect(await ended).toBe(0)
})

it('a folder without iPXE, or that is none, is told with the option', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-serve-tftp-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [programs, told] of [
    ['.', 'nothing would start'],
    ['nowhere', '--boot-programs'],
  ] as const) {
    const host = fakeHost({ cwd: folder })
    const words = ['serve', '--simulated', '--database', ':memory:', '--boot-programs', programs]
    expect(await runVirtkit(words, host)).not.toBe(0)
    expect(host.complained).toContain(told)
  }
})

async function ask(port: number, file: string): Promise<Buffer> {
  const socket = createSocket('udp4')
  try {
    socket.send(Buffer.from(`\0\x01${file}\0octet\0`, 'latin1'), port, '127.0.0.1')
    const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(5000) })) as [Buffer]
    return answer
  } finally {
    socket.close()
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { freePort } from '@virtkit/test-databases/free-port'
import { join } from 'node:path'

/** What boot figures are held against and measured with, from Debian's packages. */
const programs = { tftpd: '/usr/sbin/in.tftpd', atftp: '/usr/bin/atftp', nginx: '/usr/sbin/nginx', curl: '/usr/bin/curl' }

export const installNeighbours: string = 'apt-get install tftpd-hpa atftp nginx-light curl   (and run it as root)'

export function missingNeighbour(): string | undefined {
  return Object.values(programs).find((path) => !existsSync(path))
}

export interface Neighbour extends AsyncDisposable {
  readonly port: number
}

/** Debian's tftpd-hpa, on the files of a folder. */
export async function startTftpd(folder: string): Promise<Neighbour> {
  const port = await freePort()
  return running(spawn(programs.tftpd, ['-L', '--address', `127.0.0.1:${port}`, '--secure', folder]), port)
}

/** nginx as Debian sets it up: sendfile, a process for each processor. As root, whose folders the files are in. */
export async function startNginx(folder: string, files: string): Promise<Neighbour> {
  const port = await freePort()
  for (const name of ['logs', 'body']) mkdirSync(join(folder, name), { recursive: true })
  const config = `user root; daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes auto;
events { worker_connections 768; }
http { sendfile on; tcp_nopush on; access_log off; client_body_temp_path ${folder}/body;
  server { listen 127.0.0.1:${port}; root ${files}; } }`
  writeFileSync(join(folder, 'nginx.conf'), config)
  const server = running(spawn(programs.nginx, ['-p', folder, '-c', join(folder, 'nginx.conf')]), port)
  for (let tries = 0; tries < 100 && !(await answers(port)); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return server
}

/** Fetches a file by TFTP with as many clients at once. */
export async function fetchByTftp(port: number, file: string, clients: number, windowsize?: number): Promise<void> {
  const window = windowsize === undefined ? [] : ['--option', `windowsize ${windowsize}`]
  const words = ['--option', 'blksize 1468', ...window, '-g', '-r', file, '-l', '/dev/null', '127.0.0.1', String(port)]
  await Promise.all(Array.from({ length: clients }, () => done(spawn(programs.atftp, words, { stdio: 'ignore' }))))
}

/** Fetches addresses at once, each of `sizeBytes`; throws when one was not whole. */
export async function fetchByHttp(urls: readonly string[]): Promise<void> {
  const outputs = urls.flatMap((url) => ['-o', '/dev/null', url])
  const words = [
    '-sS',
    '--no-progress-meter',
    '--fail',
    '--parallel',
    '--parallel-immediate',
    '--parallel-max',
    String(urls.length),
    ...outputs,
  ]
  await done(spawn(programs.curl, words, { stdio: ['ignore', 'ignore', 'inherit'] }))
}

async function done(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}`)
}

function running(child: ChildProcess, port: number): Neighbour {
  const ended = once(child, 'exit')
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

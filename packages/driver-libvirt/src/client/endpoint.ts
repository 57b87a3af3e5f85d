import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'

/** Where a libvirt is, and how one gets there. */
export interface Endpoint {
  /** What libvirt is asked to open: `qemu:///system`. */
  readonly uri: 'qemu:///system' | 'qemu:///session'
  /** A socket at another place than the usual one. */
  readonly socket?: string
  readonly ssh?: SshTarget
}

export interface SshTarget {
  readonly host: string
  readonly port?: number
  readonly user?: string
  readonly keyFile?: string
  /** Take any host key. */
  readonly insecure: boolean
}

const hostName = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$/
export const userName: RegExp = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/
const plainPath = /^\/[A-Za-z0-9/._-]+$/

/**
 * Reads a libvirt URI of QEMU: `qemu:///system`, `qemu:///session`, `qemu+ssh://user@host:22/system`, each with `?socket=/path`,
 * the last one with `&keyfile=/path`. Answers in words what is wrong with any other. Nothing of it ever reaches a shell that
 * is not letters, digits and `/._-`.
 */
export function parseEndpoint(url: string): Endpoint | { readonly problem: string } {
  const parsed = URL.parse(url)
  if (!parsed || !/^qemu(\+unix|\+ssh)?:$/.test(parsed.protocol)) {
    return { problem: "must be like 'qemu:///system' or 'qemu+ssh://root@host/system'" }
  }
  const path = parsed.pathname.slice(1)
  if (path !== 'system' && path !== 'session') return { problem: 'must end in /system or /session' }
  if (parsed.password !== '') return { problem: 'must not hold a password' }
  const isSsh = parsed.protocol === 'qemu+ssh:'
  for (const [name, value] of parsed.searchParams) {
    if (name !== 'socket' && !(isSsh && name === 'keyfile')) return { problem: `has a parameter ${name} that is not known` }
    if (!plainPath.test(value)) return { problem: `${name} must be a plain absolute path` }
  }
  const socket = parsed.searchParams.get('socket')
  const base = { uri: `qemu:///${path}` as const, ...(socket !== null && { socket }) }
  if (!isSsh) return parsed.host === '' ? base : { problem: 'names a host, which needs qemu+ssh' }
  if (!hostName.test(parsed.hostname)) return { problem: 'has no host name that can be' }
  if (parsed.username !== '' && !userName.test(parsed.username)) return { problem: 'has no user name that can be' }
  const keyFile = parsed.searchParams.get('keyfile')
  const ssh: SshTarget = {
    host: parsed.hostname.replaceAll(/[[\]]/g, ''),
    insecure: false,
    ...(parsed.port !== '' && { port: Number(parsed.port) }),
    ...(parsed.username !== '' && { user: parsed.username }),
    ...(keyFile !== null && { keyFile }),
  }
  return { ...base, ssh }
}

/** The program that reaches libvirt over SSH, and what it is given. */
export function sshCommand({ uri, socket, ssh }: Endpoint & { readonly ssh: SshTarget }): readonly string[] {
  // libvirt's own helper where there is one; netcat on older hosts. All of it is fixed or was checked to be plain.
  const remote = socket
    ? `exec nc -U ${socket}`
    : `if command -v virt-ssh-helper >/dev/null 2>&1; then exec virt-ssh-helper ${uri}; else exec nc -U /run/libvirt/libvirt-sock; fi`
  return [
    '-T',
    '-oBatchMode=yes',
    '-oConnectTimeout=10',
    '-oServerAliveInterval=10',
    '-oServerAliveCountMax=3',
    ...(ssh.insecure ? ['-oStrictHostKeyChecking=no', '-oUserKnownHostsFile=/dev/null'] : []),
    ...(ssh.port === undefined ? [] : ['-p', String(ssh.port)]),
    ...(ssh.user === undefined ? [] : ['-l', ssh.user]),
    ...(ssh.keyFile === undefined ? [] : ['-i', ssh.keyFile]),
    '--',
    ssh.host,
    remote,
  ]
}

/** Opens a stream to libvirt. Whether anybody answers is seen by the first call. */
export function openStream(endpoint: Endpoint): Duplex {
  const { ssh } = endpoint
  return ssh ? sshStream(sshCommand({ ...endpoint, ssh })) : connect({ path: socketPath(endpoint) })
}

function socketPath({ uri, socket }: Endpoint): string {
  if (socket !== undefined) return socket
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.() ?? 0}`
  const folder = uri === 'qemu:///system' ? '/run/libvirt' : `${runtime}/libvirt`
  // One daemon for everything, or since libvirt 5.6 one for each kind of hypervisor.
  const modular = `${folder}/virtqemud-sock`
  return existsSync(`${folder}/libvirt-sock`) || !existsSync(modular) ? `${folder}/libvirt-sock` : modular
}

function sshStream(parameters: readonly string[]): Duplex {
  const child = spawn('ssh', parameters, { stdio: ['pipe', 'pipe', 'pipe'] })
  const stream = new Duplex({
    read: () => void child.stdout.resume(),
    write: (chunk: Buffer, _, done) => void child.stdin.write(chunk, () => done()),
    destroy: (error, done) => {
      child.kill()
      done(error)
    },
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) child.stdout.pause()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < 2000) said += chunk.toString()
  })
  child.on('error', (error) => stream.destroy(error))
  // Who writes to an ssh that is gone learns why from its end.
  child.stdin.on('error', () => undefined)
  // Its output ends before one knows why: the end is told with what ssh has said.
  child.on('close', (code) => {
    if (code === 0) stream.push(null)
    else stream.destroy(new Error(said.trim().split('\n').at(-1) || `ssh ended with ${code}`))
  })
  return stream
}

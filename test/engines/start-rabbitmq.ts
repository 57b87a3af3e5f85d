import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programs } from './find-engines.ts'
import type { Server } from './keep-engine.ts'
import { freePort } from '@virtkit/test-databases/free-port'
import { type Program, runProgram } from './run-program.ts'

/**
 * A RabbitMQ of its own: node name, cookie, folders, ports and the port mapper of Erlang, which otherwise all nodes of a machine share and
 * which nobody ends. It takes some seconds.
 */
export async function startRabbitmq(): Promise<Server> {
  // It refuses nothing as root, but what it does not need it does not get.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-rabbitmq-'))
  chmodSync(folder, 0o700)
  const [port, epmdPort, distPort] = [await freePort(), await freePort(), await freePort()]
  const password = randomBytes(18).toString('base64url')
  const files = {
    'enabled-plugins': '[].\n',
    'rabbitmq.conf': [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      'default_user = virtkit',
      `default_pass = ${password}`,
      'log.file = false',
      'log.console = false',
      '',
    ].join('\n'),
    'rabbitmq-env.conf': '',
    '.erlang.cookie': randomBytes(18).toString('hex'),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o400 })
  if (user.uid !== undefined) {
    for (const name of ['', ...Object.keys(files)]) chownSync(join(folder, name), user.uid, user.gid)
  }
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `virtkit${port}@localhost`,
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled-plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
  }
  const options = { env, cwd: folder, ...user }
  const mapper = runProgram(programs.epmd, ['-port', String(epmdPort), '-address', '127.0.0.1', '-d'], {
    ...options,
    says: 'epmd running',
  })
  const run = (): Program => runProgram(programs.rabbitmq, [], { ...options, says: 'completed with' })
  let program: Program | undefined
  const stop = async (): Promise<void> => {
    await program?.kill()
    await mapper.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await mapper.ready
    program = run()
    await program.ready
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `amqp://virtkit:${password}@127.0.0.1:${port}`,
    restart: async () => {
      await program?.kill()
      program = run()
      await program.ready
    },
    stop,
  }
}

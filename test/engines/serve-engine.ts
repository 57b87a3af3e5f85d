import { createInterface } from 'node:readline'
import { installEngines, lacksEngines } from './find-engines.ts'
import { startRabbitmq } from './start-rabbitmq.ts'
import { startRedis } from './start-redis.ts'

// A process of its own that keeps a Redis or a RabbitMQ exactly as long as its standard input is open: whoever started it may be killed
// in any way. A line on its standard input kills the server and starts it again with what it kept.
// By hand: `node test/engines/serve-engine.ts redis`, end with Ctrl-D.

const missing = lacksEngines()
if (missing !== undefined) {
  console.error(`${missing}\nTo install it: ${installEngines}`)
  process.exit(1)
}
// Ctrl-C reaches the whole group; the one who started us ends us through the pipe, in order
if (!process.stdin.isTTY) process.on('SIGINT', () => {})
const lines = createInterface({ input: process.stdin })
process.once('SIGTERM', () => lines.close())
const server = await (process.argv[2] === 'rabbitmq' ? startRabbitmq() : startRedis())
const say = (): void => console.log(JSON.stringify({ url: server.url }))
say()
for await (const _ of lines) {
  await server.restart()
  say()
}
await server.stop()
process.exit(0)

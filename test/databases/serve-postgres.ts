import { findPostgres, installPostgres } from './find-postgres.ts'
import { startPostgres } from './postgres-server.ts'

// A process of its own that keeps PostgreSQL exactly as long as its standard input is open. Whoever started it may be killed
// in any way: the pipe closes, the server stops and its files go. By hand: `node test/databases/serve-postgres.ts`, end with Ctrl-D.
// `--quick` keeps the data in memory.

const found = await findPostgres()
if ('missing' in found) {
  console.error(`${found.missing}\nTo install it: ${installPostgres}`)
  process.exit(1)
}
process.stdin.resume()
// Ctrl-C reaches the whole group; the one who started us ends us through the pipe, in order
if (!process.stdin.isTTY) process.on('SIGINT', () => {})
const inputEnded = new Promise((resolve) =>
  process.stdin.once('end', resolve).once('close', resolve).once('error', resolve),
)
const told = new Promise((resolve) => process.once('SIGTERM', resolve))

const server = await startPostgres(found, { quick: process.argv.includes('--quick') })
console.log(JSON.stringify({ url: server.url, pid: server.pid }))
await Promise.race([inputEnded, told])
await server.stop()
process.exit(0)

import { TftpServer } from '../src/tftp/tftp-server.ts'
import { defaultTftpLimits } from '../src/tftp/limits.ts'
import { hammer } from './hammer.ts'
import { TftpClient } from './tftp-client.ts'

// `npm run fuzz:tftp [packets] [seed]`: the long form of what the tests do briefly.
const [packets = 100_000, seed = 1] = process.argv.slice(2).map(Number)
const file = Buffer.alloc(1_000_000, 'file')
const find = async (name: string): Promise<Uint8Array | undefined> => (name === 'file' ? file : undefined)
const listen = { host: '127.0.0.1', port: 0 }
await using server = await TftpServer.open(listen, find, defaultTftpLimits, { signal: new AbortController().signal })
const { sent } = await hammer({ port: server.port, file: 'file', packets, seed })
using client = await TftpClient.open()
const got = await client.get('file', { blksize: 1468, windowsize: 16 }, server.port)
if (!got.equals(file)) throw new Error('what arrives afterwards is not the file')
process.stdout.write(`${sent} packets of seed ${seed}, and it serves\n`)

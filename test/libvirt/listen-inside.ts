import { createServer } from 'node:net'

// Started in the network namespace of a libvirtd: opens a port there and hands it to its parent, which accepts from outside.
const server = createServer().listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('listening', server))
server.once('error', (error) => process.send?.(error.message))
process.once('disconnect', () => process.exit())

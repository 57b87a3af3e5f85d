import { once } from 'node:events'
import { directoryBootFiles, netboot } from '@virtkit/netboot'
import { type InstallPlan, Secret } from '@virtkit/spi'
import { readFileSync } from 'node:fs'

/** What it is told as its argument. */
export interface ServeBootInput {
  /** Handed out by TFTP as `program`. */
  readonly program: string
  /** Holds `debian-12/kernel`. */
  readonly bootFiles: string
}

export interface ServeBootOutput {
  readonly origin: string
  readonly tftpPort: number
}

// A process of its own, as the servers that it is held against: until its stdin ends.
const { program, bootFiles } = JSON.parse(process.argv[2] ?? '') as ServeBootInput
const plan: InstallPlan = {
  runId: 'run-1',
  machine: { name: 'bench', firmware: 'bios', diskMiB: 4096 },
  os: 'debian-12',
  hostname: 'bench',
  networks: [{ mac: '52:54:00:00:00:01', dns: [], searchDomains: [], isolated: false }],
  locale: 'en_US.UTF-8',
  keyboard: 'us',
  timezone: 'UTC',
  rootPasswordHash: new Secret('$6$saltsalt$0123456789abcdefghijklmnopqrstuvwxyz./ABCDEF'),
  sshKeys: [],
  packages: [],
}
const media = await netboot({
  listen: { host: '127.0.0.1', port: 0 },
  bootFiles: directoryBootFiles({ path: bootFiles }),
  tftp: { port: 0, programs: { program: readFileSync(program) } },
}).open(
  { find: async () => ({ plan, serve: 'install' }), findByCard: async () => undefined, report: async () => true },
  { signal: new AbortController().signal },
)
process.stdout.write(`${JSON.stringify({ origin: media.origin, tftpPort: media.tftpPort })}\n`)
process.stdin.resume()
await once(process.stdin, 'end')
await media[Symbol.asyncDispose]()

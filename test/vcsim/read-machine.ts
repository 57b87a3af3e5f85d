import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findVcsimSources } from './find-vcsim-sources.ts'
import type { Vcsim } from './start-vcsim.ts'

/** A machine as pyvmomi reads it from the server. */
export interface MachineFacts {
  readonly ref: string
  readonly name: string
  readonly uuid: string
  readonly instanceUuid: string
  readonly annotation: string | null
  readonly guestId: string
  readonly firmware: string | null
  readonly template: boolean
  readonly cpus: number
  readonly memoryMiB: number
  readonly power: 'poweredOn' | 'poweredOff' | 'suspended'
  readonly host: string | null
  readonly pool: string | null
  readonly folder: string | null
  readonly datastores: readonly string[]
  readonly networks: readonly string[]
  readonly disks: readonly {
    readonly label: string | null
    readonly capacityKiB: number
    /** Such as `[LocalDS_0] web/disk1.vmdk`. */
    readonly file: string | null
    readonly thin: boolean | null
    readonly eagerlyScrub: boolean | null
    readonly controller: number
    readonly unit: number
  }[]
  readonly nics: readonly {
    /** Such as `VirtualVmxnet3`. */
    readonly type: string
    readonly mac: string
    readonly addressType: string
    /** A network's or a distributed port group's name. */
    readonly network: string | null
    readonly startConnected: boolean | null
  }[]
  readonly cdroms: readonly {
    readonly iso: string | null
    readonly connected: boolean | null
    readonly startConnected: boolean | null
  }[]
  readonly bootOrder: readonly string[]
  readonly extraConfig: Readonly<Record<string, string>>
  readonly guest: {
    readonly tools: string | null
    readonly hostName: string | null
    readonly addresses: readonly (readonly string[])[]
  }
  readonly snapshots: readonly SnapshotFacts[]
  readonly currentSnapshot: string | null
}

export interface SnapshotFacts {
  readonly ref: string
  readonly name: string
  readonly description: string
  readonly power: string
  readonly quiesced: boolean
  readonly children: readonly SnapshotFacts[]
}

/** All machines of a server, or those of these names, read by a client that is not ours in a session of its own. */
export async function readMachines(
  { host, port, user, password, caCertificate }: Pick<Vcsim, 'host' | 'port' | 'user' | 'password' | 'caCertificate'>,
  names?: readonly string[],
): Promise<MachineFacts[]> {
  const sources = findVcsimSources()
  if ('missing' in sources) throw new Error(sources.missing)
  const script = fileURLToPath(new URL('read-machine.py', import.meta.url))
  const answer = new Promise<string>((resolve, reject) => {
    const program = execFile(sources.python, [script], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      error ? reject(new Error(`pyvmomi failed: ${stderr.trim() || error.message}`)) : resolve(stdout),
    )
    program.stdin!.end(JSON.stringify({ host, port, user, password, caCertificate, names }))
  })
  return JSON.parse(await answer) as MachineFacts[]
}

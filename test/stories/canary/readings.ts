import { type Virtkit, signLicense } from '@virtkit/core'
import { spawn } from 'node:child_process'
import { text as textOf } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

export interface Answer {
  readonly key: number
  readonly access_token: string
  readonly secret: string
  readonly install: string
  readonly password: string
}

const lists = [
  'users',
  'usergroups',
  'clusters',
  'clustercredentials',
  'callbacks',
  'notificationfilter',
  'setting',
  'setting/notification',
]
const more = [
  'license',
  'operations',
  'virtualmachines',
  'virtualmachinenetworks',
  'audit',
  'audit/verify',
  'version',
  'networks',
  'profiles',
]

export function getsWithoutKeys(): { operation: string }[] {
  return [...lists, ...more].map((each) => ({ operation: `/${each}` }))
}

export function licence(privateKey: string): string {
  return signLicense(privateKey, { customerId: 'C-1', virtualMachines: 9, issuedAt: 1, expiresAt: Date.UTC(2100, 0) })
}

export async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

/** Every column of every row. */
export async function dump({ database: { queries } }: Virtkit): Promise<string> {
  const parts: string[] = []
  for (const { name, isView } of await queries.introspection.getTables())
    if (!isView)
      parts.push(
        JSON.stringify([
          name,
          await queries
            .selectFrom(name as 'users')
            .selectAll()
            .execute(),
        ]),
      )
  return parts.join('\n')
}

/** Starts a command that must fail, and keeps what it says. */
export async function run(program: string, flags: readonly string[], environment: object, spoken: string[]): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=@virtkit/source', program, ...flags], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, error, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.on('exit', resolve)),
  ])
  spoken.push(out, error)
  if (code !== 0) throw new Error(`it ended with ${code}`)
}

/** The lines of a backup in clear: behind two lines of header, compressed, in frames of four bytes of length and as many of content. */
export function rowsOf(bytes: Buffer): string {
  const parts: Buffer[] = []
  let isLast = false
  for (let at = bytes.indexOf(10, bytes.indexOf(10) + 1) + 1; !isLast;) {
    const word = bytes.readUInt32BE(at)
    isLast = word >= 2 ** 31
    const end = at + 4 + (word % 2 ** 31)
    parts.push(bytes.subarray(at + 4, end))
    at = end
  }
  return gunzipSync(Buffer.concat(parts)).toString()
}

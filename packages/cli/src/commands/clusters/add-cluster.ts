import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { invalidInput } from '@virtkit/spi'
import { pick } from '../../connection/pick.ts'
import { type PasswordFlags, readPassword } from '../../connection/secrets.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'

export interface AddClusterFlags extends PasswordFlags {
  readonly type: string
  readonly address?: string
  readonly username?: string
  readonly credentials?: string
  readonly insecure?: boolean
  readonly http?: boolean
  readonly options?: string
  readonly test: boolean
}

/** Registers a hypervisor. Promises: when it throws, neither the cluster nor new credentials are left. */
export async function addCluster(session: Session, name: string, flags: AddClusterFlags): Promise<void> {
  const { client, output, host } = session
  const options = flags.options === undefined ? {} : await readOptions(flags.options, host.cwd)
  const credentials = await credentialsFor(session, name, flags)
  try {
    if (flags.test) await client.clusterCredentials.test({ key: credentials.key, type: flags.type })
    const cluster = await client.clusters.create({ name, type: flags.type, credentialskey: credentials.key, options })
    printDone(output, cluster, { text: `Cluster ${name} has the key ${cluster.key}.`, key: cluster.key })
  } catch (error) {
    if (credentials.isNew) await client.clusterCredentials.remove({ key: credentials.key })
    throw error
  }
}

async function credentialsFor(
  { client, host }: Session,
  name: string,
  flags: AddClusterFlags,
): Promise<{ readonly key: number; readonly isNew: boolean }> {
  const { address: url, username = '', credentials, insecure = false, http = false } = flags
  if (credentials !== undefined) {
    if (url !== undefined)
      throw invalidInput([{ field: '--credentials', problem: 'has an address of its own; leave --address out' }])
    const list = 'virtkit clusters list'
    const all = await client.clusterCredentials.list()
    return { key: pick(all, credentials, { what: 'credentials', name: (each) => each.name, list }).key, isNew: false }
  }
  if (url === undefined) {
    const hint = 'where the hypervisor answers, such as https://vcenter.example.com'
    throw invalidInput([{ field: '--address', problem: 'is missing', hint }])
  }
  const question = `Password of ${username} at ${url}: `
  // Who has no name has no password either.
  const password =
    username === '' ? '' : await readPassword(flags, host, { variable: 'VIRTKIT_CLUSTER_PASSWORD', question })
  const { key } = await client.clusterCredentials.create({ name, username, password, url, insecure, http })
  return { key, isNew: true }
}

async function readOptions(file: string, cwd: string): Promise<Record<string, unknown>> {
  const wrong = (problem: string): Error =>
    invalidInput([{ field: '--options', problem, hint: 'name a JSON file with an object' }])
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: Error & { code?: string }) => {
    throw wrong(`${file} cannot be read (${error.code ?? 'unknown'})`)
  })
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    throw wrong(`${file} is no JSON`)
  }
  throw wrong(`${file} holds no object`)
}

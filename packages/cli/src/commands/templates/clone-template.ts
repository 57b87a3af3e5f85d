import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { invalidInput } from '@virtkit/spi'
import { findEach } from '../../connection/find-others.ts'
import { findCluster, findGroup, findNetwork } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { settle } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'

export interface CloneTemplateFlags {
  readonly cluster: string
  readonly owner: string
  readonly cpus?: number
  readonly memory?: string
  readonly disk?: string
  readonly datastore?: string
  readonly network?: readonly string[]
  readonly sshKey?: readonly string[]
}

export async function cloneTemplate(
  session: Session,
  template: string,
  name: string,
  flags: CloneTemplateFlags,
): Promise<void> {
  const { client, output, host } = session
  const { key } = await findCluster(client, flags.cluster)
  const owner = await findGroup(client, flags.owner)
  const networks = await findEach(flags.network, (each) => findNetwork(client, each, { cluster: key }))
  const sshkeys = (await findEach(flags.sshKey, (each) => readKeys(each, host.cwd))).flat()
  const answer = await client.templates.clone(
    {
      key,
      template,
      name,
      owner: owner.key,
      ...(flags.cpus !== undefined && { cpu: flags.cpus }),
      ...(flags.memory !== undefined && { ram: flags.memory }),
      ...(flags.disk !== undefined && { disc: flags.disk }),
      ...(flags.datastore !== undefined && { datastore: flags.datastore }),
      ...(networks.length > 0 && { networks: networks.map((network) => network.key) }),
      ...(sshkeys.length > 0 && { sshkeys }),
    },
    { idempotencyKey: randomUUID() },
  )
  const isDone = await settle(session, answer, name)
  const text = isDone ? `Machine ${name} has the key ${answer.key}.` : `Machine ${name} will have the key ${answer.key}.`
  printDone(output, answer, { text, key: answer.key })
}

async function readKeys(file: string, cwd: string): Promise<string[]> {
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: Error & { code?: string }) => {
    throw invalidInput([{ field: '--ssh-key', problem: `${file} cannot be read (${error.code ?? 'unknown'})` }])
  })
  const hint = 'name the file of a public key, such as ~/.ssh/id_ed25519.pub'
  if (text.includes('PRIVATE KEY')) throw invalidInput([{ field: '--ssh-key', problem: `${file} is a private key`, hint }])
  return text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
}

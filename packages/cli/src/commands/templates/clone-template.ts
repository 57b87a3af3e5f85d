import { randomUUID } from 'node:crypto'
import { findEach } from '../../connection/find-others.ts'
import { findCluster, findGroup, findNetwork } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { settle } from '../../connection/settle.ts'
import { readSshKeys } from '../../connection/ssh-keys.ts'
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
  const sshkeys = await readSshKeys(flags.sshKey, host.cwd)
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

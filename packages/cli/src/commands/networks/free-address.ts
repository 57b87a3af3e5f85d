import { findNetwork } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'

export async function freeAddress({ client, output }: Session, given: string): Promise<void> {
  const { key } = await findNetwork(client, given)
  const answer = await client.networks.getFreeIp({ key })
  if (output.isJson) output.json(answer)
  else output.line(answer.ip)
}

import { findCluster } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDetails } from '../../output/print.ts'

export async function showCluster({ client, output }: Session, given: string): Promise<void> {
  const cluster = await findCluster(client, given)
  if (output.isJson) return output.json(cluster)
  const { key, name, type, credentialskey, defaultskey, options } = cluster
  const [credentials, defaults, networks] = await Promise.all([
    client.clusterCredentials.get({ key: credentialskey }),
    defaultskey === 0 ? undefined : client.clusterDefaults.get({ key: defaultskey }),
    client.networks.list({ cluster: key }),
  ])
  printDetails(output, [
    ['key', key],
    ['name', name],
    ['type', type],
    ['address', credentials.url],
    ['credentials', `${credentials.name}${credentials.username === '' ? '' : `, as ${credentials.username}`}`],
    ['certificate', credentials.insecure ? 'is not verified' : ''],
    ['datacenter', defaults?.datacenter ?? ''],
    ['resource pool', defaults?.ressourcepool ?? ''],
    ['host', defaults?.host ?? ''],
    ['datastore', defaults?.datastore ?? ''],
    ['options', Object.keys(options).length === 0 ? '' : JSON.stringify(options)],
    ['networks', networks.map((network) => network.name).join(', ')],
  ])
}

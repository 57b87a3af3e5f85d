import { findCluster } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printList } from '../../output/print.ts'

export async function listTemplates({ client, output }: Session, given: string | undefined): Promise<void> {
  const clusters = given === undefined ? await client.clusters.list() : [await findCluster(client, given)]
  const places = new Map(clusters.map(({ key, name }) => [key, name]))
  const lists = await Promise.all(clusters.map(({ key }) => client.templates.list({ key })))
  printList(output, lists.flat(), {
    columns: [
      { title: 'template', of: ({ name }) => name },
      { title: 'cluster', of: ({ clusterkey }) => places.get(clusterkey) ?? clusterkey },
      { title: 'cpus', align: 'right', of: ({ cpu }) => cpu },
      { title: 'memory', align: 'right', of: ({ ram }) => ram },
      { title: 'disk', align: 'right', of: ({ disc }) => disc },
      { title: 'firmware', of: ({ firmware }) => firmware },
    ],
    key: ({ name }) => name,
    none: 'No templates. Turn a stopped machine into one: virtkit templates register MACHINE',
  })
}

import type { InputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import type { Session } from '../../connection/session.ts'
import { printDone, printList } from '../../output/print.ts'

type Change = InputOf<Contract['serviceSettings']['update']>

export async function serviceLevels(
  { client, output }: Session,
  service: Change['service'] | undefined,
  level: Change['loglevel'] | undefined,
): Promise<void> {
  if (service !== undefined && level !== undefined) {
    const answer = await client.serviceSettings.update({ service, loglevel: level })
    return printDone(output, { service, ...answer }, { text: `${service} logs from ${level} up.`, key: level })
  }
  const all = Object.entries(await client.serviceSettings.get())
    .filter(([name]) => service === undefined || name === service)
    .map(([name, loglevel]) => ({ service: name, loglevel }))
  printList(output, all, {
    columns: [
      { title: 'service', of: (each) => each.service },
      { title: 'level', of: (each) => each.loglevel },
    ],
    key: (each) => (service === undefined ? `${each.service}=${each.loglevel}` : each.loglevel),
    none: 'There are none.',
  })
}

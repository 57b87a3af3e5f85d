import { type VirtkitOptions, createVirtkit } from '@virtkit/core'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'

// A process that makes groups, and thereby events: `event-writer.ts <JSON of database and encryption> <name> <count>`.
const [given = '{}', name = '', count = '0'] = process.argv.slice(2)
const simulator = createSimulatedHypervisor()
const { database, encryption } = JSON.parse(given) as Pick<VirtkitOptions, 'database' | 'encryption'>
const kit = await createVirtkit({ database, encryption, drivers: [simulator.driver], operations: { work: false } })
for (let index = 0; index < Number(count); index += 1) {
  await kit.groups.add({ name: `${name}-${index}` })
  if (index % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
}
await kit.close()
await simulator.close()

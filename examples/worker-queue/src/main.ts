import { randomBytes } from 'node:crypto'
import { createVirtkit } from '@virtkit/core'
import { createSimulatedHypervisor, fastPace, standInInitrd, standInKernel } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { type CloudEvent, asUser, cloudEvents, commandSender, takeCommands } from '@virtkit/queue'
import { pgBossEngine } from '@virtkit/queue/pg-boss'
import { PgBoss } from 'pg-boss'

// A worker that takes commands from a queue in the PostgreSQL that the kit lives in, and tells events there.
// `npm start -- postgres://user@host/database`, an empty one.

const database = process.argv[2] ?? 'postgres://localhost/virtkit'
const hypervisor = createSimulatedHypervisor({ pace: fastPace })
const images = { kernel: standInKernel('queue', 8192), initrd: standInInitrd('queue', 8192) }

// worker {
const boss = new PgBoss(database)
boss.on('error', console.error)
await boss.start()
const engine = pgBossEngine(boss)

const kit = await createVirtkit({
  database: { postgres: database },
  encryption: { keys: [{ id: 'example', key: randomBytes(32).toString('base64') }] },
  drivers: [hypervisor.driver],
  installMedia: netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles: memoryBootFiles(images) }),
  eventSinks: [cloudEvents(engine, { to: 'virtkit.events', source: 'urn:virtkit:example' })],
})
const commands = await takeCommands(kit, { engine, from: 'virtkit.commands', whoAsks: asUser(kit, 'automation') })
// }

const lab = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: hypervisor.url } })
const lan = await kit.networks.add({ name: 'lan', cluster: lab.key, cidr: '10.20.0.0/24', gateway: '10.20.0.1' })
const user = { name: 'automation', password: randomBytes(12).toString('hex'), permissionGroups: ['operator'] as const }
const automation = await kit.users.add(user)
const group = { name: 'team-a', users: [automation.key], networks: [lan.key], clusters: [lab.key] }
const team = await kit.groups.add(group)

// Any other process may do this; it needs the engine, and neither kit nor database.
// sender {
const sender = commandSender(engine, { to: 'virtkit.commands' })
const machine = { name: 'web-1', owner: team.key, cpu: 2, ram: '2GB', disc: '20GB', oskey: 112, datastore: 'auto' }
await sender.send(
  'virtualMachines.create',
  { ...machine, clusterkey: lab.key, networks: [lan.key] },
  { id: 'order-4711' }, // sent again, it acts no second time
)
// }

const done = Promise.withResolvers<void>()
await engine.consume('virtkit.events', async ({ body }) => {
  const { type, subject } = body as CloudEvent
  if (subject.startsWith('machine/')) console.log(`${type} ${subject}`)
  if (type === 'virtkit.machine.created') {
    const key = Number(subject.split('/')[1])
    const sshkeys = ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGz0pQ3V9mT8e1r0m2w7Yk5Jb4dXcVn6sLq8HuRtEoAB me@example.com']
    await sender.send('virtualMachines.install', { key, sshkeys }, { id: `install-${key}` })
  }
  if (type === 'virtkit.install.ready') done.resolve()
})
await done.promise

await commands.close()
await kit.close()
await engine.close()
await boss.stop()
await hypervisor.close()

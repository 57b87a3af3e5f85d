// embed {
import { createVirtkit } from '@virtkit/core'
import { createSimulatedHypervisor, fastPace, standInInitrd, standInKernel } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'

// A hypervisor in this process, and images that only its guests accept. With a real hypervisor you hand in its driver, the
// address at which machines reach you, and `mirrorBootFiles({ cacheDirectory: '…' })`.
const hypervisor = createSimulatedHypervisor({ pace: fastPace })
const images = { kernel: standInKernel('embed', 8192), initrd: standInInitrd('embed', 8192) }

const kit = await createVirtkit({
  database: { sqlite: process.argv[2] ?? ':memory:' }, // or { postgres: 'postgres://…' }
  drivers: [hypervisor.driver],
  installMedia: netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles: memoryBootFiles(images) }),
})

const lab = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: hypervisor.url } })
const lan = await kit.networks.add({ name: 'lan', cluster: lab.key, cidr: '10.20.0.0/24', gateway: '10.20.0.1' })
const team = await kit.groups.add({ name: 'team-a', networks: [lan.key], clusters: [lab.key] })
await kit.contingents.set(team.key, { vm: 10, cpu: 32, memory: 128 * 1024, disk: 1024 * 1024 })

const web = await kit.machines.create({
  name: 'web-1',
  owner: team.key,
  cluster: lab.key,
  os: 'debian-12',
  cpus: 2,
  memoryMiB: 4096,
  diskMiB: 40 * 1024,
  networks: [{ network: lan.key }],
})
console.log(`${web.name} will be ${web.networks[0]?.ip}`) // known before its first boot

kit.events.on('install.progressed', ({ data }) => console.log(`${data.phase} ${data.percent} %`))
const run = await kit.installs.start(web.key, {
  sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGz0pQ3V9mT8e1r0m2w7Yk5Jb4dXcVn6sLq8HuRtEoAB me@example.com'],
})
await kit.installs.whenReady(run.runId) // installed, booted, phoned home
console.log(await kit.machines.info(web.key))

await kit.close() // database, boot server and hypervisor sessions, in the right order
// }
await hypervisor.close()

import { type HypervisorDriver, Secret } from '@virtkit/spi'
import { peakMiB } from '../installs/peak-memory.ts'

// Not imported by name: it is under another licence than this, and used where it is installed.
const driverPackage = '@virtkit/driver-proxmox'
const { proxmox } = (await import(driverPackage)) as { readonly proxmox: HypervisorDriver<unknown> }

const [url] = process.argv.slice(2)
const given = { url, http: true, username: 'root@pam', password: new Secret('simulator') }
const checked = await proxmox.options['~standard'].validate(given)
if (checked.issues) throw new Error(JSON.stringify(checked.issues))
const call = { signal: AbortSignal.timeout(600_000) }
await using hypervisor = await proxmox.connect(checked.value, call)
const began = performance.now()
const before = process.cpuUsage()
let machines = 0
for await (const page of hypervisor.inventory.machines({ pageSize: 500 }, call)) machines += page.length
const { user, system } = process.cpuUsage(before)
const wallS = (performance.now() - began) / 1000
process.stdout.write(`${JSON.stringify({ machines, cpuS: (user + system) / 1e6, peakMiB: peakMiB(), wallS })}\n`)

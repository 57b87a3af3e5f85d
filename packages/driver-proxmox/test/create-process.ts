import { Secret } from '@virtkit/spi'
import { proxmox } from '../src/index.ts'

// Makes one machine, and may be killed at any moment.
const [url = '', secret = '', key = ''] = process.argv.slice(2)
const options = { url, http: true, username: 'root@pam!t', password: new Secret(secret) }
const checked = await proxmox.options['~standard'].validate(options)
if (checked.issues) throw new Error(JSON.stringify(checked.issues))
const call = { signal: AbortSignal.timeout(60_000) }
await using hypervisor = await proxmox.connect(checked.value, call)
const disks = [{ sizeMiB: 1024, provisioning: 'thin' as const }]
const hardware = { cpus: 1, memoryMiB: 256, firmware: 'bios' as const, disks, nics: [], placement: {} }
const { ref } = await hypervisor.machines.create({ name: 'killed', ...hardware }, { ...call, key })
process.stdout.write(ref)

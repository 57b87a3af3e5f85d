import { subscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import { Secret } from '@virtkit/spi'
import { type ProxmoxOptions, proxmox } from '../src/index.ts'

// One of the processes of a fleet: makes its machines, then asks for all of them once more.
const [url = '', secret = '', name = '', count = '0', width = '8', from = '0', to = '0'] = process.argv.slice(2)

let idCalls = 0
subscribe('http.client.request.start', (message) => {
  const { request } = message as { request: ClientRequest }
  if (/\/cluster\/nextid/.test(request.path) || (request.method === 'POST' && request.path.endsWith('/qemu'))) idCalls += 1
})

const checked = await proxmox.options['~standard'].validate({
  url,
  http: true,
  username: 'root@pam!fleet',
  password: new Secret(secret),
  idRange: { from: Number(from), to: Number(to) },
})
if (checked.issues) throw new Error(JSON.stringify(checked.issues))
const options: ProxmoxOptions = checked.value
const call = { signal: AbortSignal.timeout(600_000) }
await using hypervisor = await proxmox.connect(options, call)

const keys = Array.from({ length: Number(count) }, (_, index) => `fleet:${name}-${index}`)
const first = await create(keys)
const callsToCreate = idCalls
const again = await create(keys)
process.stdout.write(`${JSON.stringify({ keys, refs: first, again, idCalls: callsToCreate })}\n`)

async function create(wanted: readonly string[]): Promise<readonly string[]> {
  const refs: string[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < wanted.length; index = next++) {
      const key = wanted[index] ?? ''
      const spec = {
        name: `${name}-${index}`,
        cpus: 1,
        memoryMiB: 256,
        firmware: 'bios' as const,
        disks: [{ sizeMiB: 1024, provisioning: 'thin' as const }],
        nics: [],
        placement: {},
      }
      refs[index] = (await hypervisor.machines.create(spec, { ...call, key })).ref
    }
  }
  await Promise.all(Array.from({ length: Number(width) }, worker))
  return refs
}

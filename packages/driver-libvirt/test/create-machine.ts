import { libvirt } from '../src/index.ts'

// Makes one machine, for those who kill it meanwhile: node create-machine.ts <url> <key>
const [url = '', key = ''] = process.argv.slice(2)
const signal = AbortSignal.timeout(30_000)
const hypervisor = await libvirt.connect({ url, accel: 'tcg' }, { signal })
const machine = await hypervisor.machines.create(
  {
    name: key,
    cpus: 1,
    memoryMiB: 64,
    firmware: 'bios',
    disks: [{ sizeMiB: 16, provisioning: 'thin' }],
    nics: [],
    placement: {},
  },
  { signal, key },
)
console.log(machine.ref)
await hypervisor[Symbol.asyncDispose]()

import { openLab } from './lab.ts'
import { libvirt } from '../src/index.ts'
const lab = await openLab()
const signal = AbortSignal.timeout(60000)
const h = await libvirt.connect(lab.options, { signal })
const m = await h.machines.create({ name: 'm', cpus: 1, memoryMiB: 256, firmware: 'bios', disks: [{ sizeMiB: 100, provisioning: 'thin' }], nics: [], placement: {datastore:'disks'} }, { signal, key: 'k' })
const o = { ref: m.ref, key: 'k' }
await h.power.on(o, { signal })
const hmp = async (c: string) => console.log(c, '=>', (await lab.libvirtd.virsh('qemu-monitor-command', '--hmp', m.ref, c).catch(e => e.message)).trim().slice(0, 300))
await lab.target.memory!.write(m.ref, 'then').catch(e => console.log(e))
console.log(await lab.target.memory!.read(m.ref))
await hmp('xp /8xb 0x8000000'); await hmp('info status')
await new Promise(r => setTimeout(r, 3000))
console.log(await lab.target.memory!.read(m.ref))
await lab[Symbol.asyncDispose]()

import { startLibvirtd } from './start-libvirtd.ts'

// A libvirtd to try things on; it ends with this process, in whatever way that ends: node test/libvirt/serve-libvirtd.ts
const libvirtd = await startLibvirtd()
console.log(JSON.stringify({ url: libvirtd.url, pid: libvirtd.pid }))
process.stdin.resume()
await new Promise((resolve) => process.stdin.once('end', resolve))
await libvirtd[Symbol.asyncDispose]()

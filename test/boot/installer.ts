import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { BootPeers } from '../find-boot-peers.ts'
import { type CpioFile, writeCpio } from './cpio.ts'

const wanted = ['virtio_pci', 'virtio_net', 'virtio_blk', 'vfat', 'nls_cp437', 'nls_ascii']

/** Kernel and initrd of the test's own installer, from files of Debian's packages. */
export function buildInstaller(peers: BootPeers): { readonly kernel: Uint8Array; readonly initrd: Uint8Array } {
  const from = (path: string, file: string, mode = 0o100755): CpioFile => ({ path, bytes: readFileSync(file), mode })
  const beside = (name: string): string => join(import.meta.dirname, name)
  const modules = modulesInOrder(peers.modules)
  const files: CpioFile[] = [
    from('init', beside('init.sh')),
    from('udhcpc.sh', beside('udhcpc.sh')),
    from('bin/busybox', peers.busybox),
    from('extlinux', peers.extlinux),
    ...librariesOf(peers.extlinux).map((path) => from(path.slice(1), realpathSync(path))),
    from('mbr.bin', peers.mbr),
    from('BOOTX64.EFI', peers.ipxe.uefi),
    ...modules.map((path) => from(`modules/${basename(path)}`, path)),
    { path: 'modules/order', bytes: Buffer.from(modules.map((path) => basename(path)).join('\n')), mode: 0o100644 },
    ...['dev', 'proc', 'sys', 'tmp'].map((path) => ({ path, bytes: new Uint8Array(), mode: 0o40755 })),
  ]
  return { kernel: readFileSync(peers.kernel), initrd: gzipSync(writeCpio(files), { level: 1 }) }
}

/** By absolute path; the one without a name is the kernel's own. */
function librariesOf(program: string): string[] {
  const told = execFileSync('ldd', [program], { encoding: 'utf8' })
  return [...told.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path ?? '')
}

/** The wanted ones, each after those that it says it depends on. What is not there is part of the kernel. */
function modulesInOrder(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ko'))
  const byName = new Map(paths.map((path) => [basename(path, '.ko').replaceAll('-', '_'), join(folder, path)]))
  const ordered = new Set<string>()
  const add = (name: string): void => {
    const path = byName.get(name)
    if (path === undefined || ordered.has(path)) return
    const [, depends = ''] = /\0depends=([\w,-]*)\0/.exec(readFileSync(path, 'latin1')) ?? []
    for (const other of depends.split(',')) add(other.replaceAll('-', '_'))
    ordered.add(path)
  }
  for (const name of wanted) add(name)
  return [...ordered]
}

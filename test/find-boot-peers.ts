import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What a person types when they are not there. */
export const installBootPeers: string = '.ci/install-debian-packages   (qemu-system-x86, ovmf, ipxe, isolinux and others)'

/** Files that real guests are booted with in tests, from Debian's packages. */
export interface BootPeers {
  readonly qemu: string
  /** UEFI firmware and the variables that a new machine begins with. */
  readonly ovmf: { readonly code: string; readonly variables: string }
  readonly ipxe: { readonly bios: string; readonly uefi: string }
  readonly isolinux: string
  readonly ldlinux: string
  readonly busybox: string
  /** Of libvirt's own networks. */
  readonly dnsmasq: string
  readonly extlinux: string
  readonly mbr: string
  readonly kernel: string
  /** The folder of its modules. */
  readonly modules: string
}

// Packages that are unpacked rather than installed: a kernel that this machine does not boot, and Debian 13's iPXE.
const unpacked = process.env.VIRTKIT_BOOT_PEERS ?? '/var/cache/virtkit-boot-peers'

/** All of them, or which one is missing. */
export function findBootPeers(): BootPeers | { readonly missing: string } {
  const [kernel] = existsSync(join(unpacked, 'boot'))
    ? readdirSync(join(unpacked, 'boot')).filter((name) => name.startsWith('vmlinuz-'))
    : []
  if (kernel === undefined) return { missing: `there is no kernel in ${unpacked}/boot` }
  const peers = {
    qemu: '/usr/bin/qemu-system-x86_64',
    ovmf: { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
    ipxe: { bios: '/usr/lib/ipxe/ipxe.lkrn', uefi: join(unpacked, 'usr/lib/ipxe/ipxe-amd64.efi') },
    isolinux: '/usr/lib/ISOLINUX/isolinux.bin',
    ldlinux: '/usr/lib/syslinux/modules/bios/ldlinux.c32',
    busybox: '/bin/busybox',
    dnsmasq: '/usr/sbin/dnsmasq',
    extlinux: '/usr/bin/extlinux',
    mbr: '/usr/lib/syslinux/mbr/mbr.bin',
    kernel: join(unpacked, 'boot', kernel),
    modules: join(unpacked, 'lib/modules', kernel.slice('vmlinuz-'.length), 'kernel'),
  }
  const { ovmf, ipxe, ...others } = peers
  for (const path of [...Object.values(others), ...Object.values(ovmf), ...Object.values(ipxe)]) {
    if (!existsSync(path)) return { missing: `there is no ${path}` }
  }
  return peers
}

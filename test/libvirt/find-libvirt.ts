import { existsSync } from 'node:fs'

/** What a person types when it is not there. */
export const installLibvirt: string =
  '.ci/install-debian-packages   (libvirt-daemon, libvirt-daemon-driver-qemu, libvirt-clients, qemu-system-x86, qemu-utils, ovmf, libarchive-tools)'

const programs = [
  '/usr/sbin/libvirtd',
  '/usr/bin/virsh',
  '/usr/bin/qemu-system-x86_64',
  '/usr/bin/qemu-img',
  '/usr/bin/qemu-io',
  '/usr/share/OVMF/OVMF_CODE_4M.fd',
  '/usr/bin/bsdtar',
]

/** Why no libvirtd can be brought up here; undefined when one can. */
export function lacksLibvirt(): string | undefined {
  if (process.platform !== 'linux') return 'libvirtd runs on Linux only'
  if (process.getuid?.() !== 0) return 'it needs root, for namespaces of its own'
  const missing = programs.find((program) => !existsSync(program))
  return missing && `there is no ${missing}`
}

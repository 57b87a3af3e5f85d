import type { PrivilegeOperations } from '@virtkit/spi'
import { usablePools, readSite } from '../machines/site.ts'
import type { Session } from '../session.ts'

export function privilegeOperations(session: Session): PrivilegeOperations {
  return {
    missing: (call) =>
      session.perform(call, async (libvirt) => {
        const site = await readSite(libvirt, session.options.userNetwork)
        const missing = []
        // libvirt has no privileges but one: who may open it for writing may do all. What can lack is something to work with.
        if (usablePools(site).length === 0) {
          missing.push({
            operation: 'machines.create',
            privilege: 'an active storage pool of type dir, fs or netfs',
            path: '',
          })
        }
        const capabilities = await libvirt.domainCapabilities('qemu').catch(() => undefined)
        if (capabilities === undefined) {
          missing.push({ operation: 'machines.create', privilege: 'QEMU for x86_64', path: site.host })
        } else if (!/<enum name='firmware'>\s*(<value>[^<]*<\/value>\s*)*<value>efi<\/value>/.test(capabilities)) {
          missing.push({ operation: 'machines.createUefi', privilege: 'UEFI firmware (ovmf)', path: site.host })
        }
        return missing
      }),
  }
}

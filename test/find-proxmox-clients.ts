import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What a person types when they are not there. */
export const installProxmoxClients: string = '.ci/install-debian-packages   (python3-proxmoxer, fence-agents, ansible)'

export interface ProxmoxClients {
  /** The system's Python, which has proxmoxer. */
  readonly python: string
  readonly fencePve: string
  /** Its collections have modules for Proxmox VE, which need the same Python. */
  readonly ansiblePlaybook: string
}

/** Not in `ansible-core`, which has the command too. */
const ansibleModule = '/usr/lib/python3/dist-packages/ansible_collections/community/general/plugins/modules/proxmox_kvm.py'

/** Clients of Proxmox VE that others wrote, as Debian packs them, or why they cannot be used. */
export function findProxmoxClients(): ProxmoxClients | { readonly missing: string } {
  const [python, fencePve, ansiblePlaybook] = ['/usr/bin/python3', '/usr/sbin/fence_pve', '/usr/bin/ansible-playbook']
  for (const file of [python, fencePve, ansiblePlaybook, ansibleModule]) {
    if (!existsSync(file)) return { missing: `there is no ${file}` }
  }
  try {
    execFileSync(python, ['-c', 'import proxmoxer, requests'], { stdio: 'pipe' })
  } catch {
    return { missing: `${python} has no proxmoxer with requests` }
  }
  return { python, fencePve, ansiblePlaybook }
}

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What a person types when they are not there. */
export const installProxmoxClients: string = '.ci/install-debian-packages   (python3-proxmoxer, fence-agents)'

export interface ProxmoxClients {
  /** The system's Python, which has proxmoxer. */
  readonly python: string
  readonly fencePve: string
}

/** Clients of Proxmox VE that others wrote, as Debian packs them, or why they cannot be used. */
export function findProxmoxClients(): ProxmoxClients | { readonly missing: string } {
  const [python, fencePve] = ['/usr/bin/python3', '/usr/sbin/fence_pve']
  for (const program of [python, fencePve]) if (!existsSync(program)) return { missing: `there is no ${program}` }
  try {
    execFileSync(python, ['-c', 'import proxmoxer, requests'], { stdio: 'pipe' })
  } catch {
    return { missing: `${python} has no proxmoxer with requests` }
  }
  return { python, fencePve }
}

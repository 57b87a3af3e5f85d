import type { GuestCustomisation, NicSpec } from '@virtkit/spi'
import type { Content } from './world-state.ts'

/**
 * What a cloned system finds on its disk: cloud-init's NoCloud seed, network configuration version 2
 * (https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html). JSON is YAML.
 */
export function customisationFiles(customisation: GuestCustomisation, nics: readonly NicSpec[]): Content {
  const ethernets = Object.fromEntries(
    nics.map((nic, i) => {
      const network = customisation.networks[i]
      const base = { match: { macaddress: nic.mac } }
      if (!network) return [`nic${i}`, { ...base, dhcp4: true }]
      const routes = network.gateway === undefined ? {} : { routes: [{ to: 'default', via: network.gateway }] }
      return [`nic${i}`, { ...base, addresses: [network.address], ...routes, nameservers: { addresses: network.dns } }]
    }),
  )
  const seed = '/var/lib/cloud/seed/nocloud'
  return {
    [`${seed}/meta-data`]: JSON.stringify({ 'local-hostname': customisation.hostname }),
    [`${seed}/network-config`]: JSON.stringify({ version: 2, ethernets }),
    [`${seed}/user-data`]: `#cloud-config\n${JSON.stringify({ ssh_authorized_keys: customisation.sshKeys })}\n`,
    '/etc/hostname': `${customisation.hostname}\n`,
  }
}

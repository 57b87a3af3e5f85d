import type { GuestCustomisation, NicSpec } from '@virtkit/spi'
import { buildIso } from './joliet-iso.ts'

/**
 * The seed that cloud-init's NoCloud source reads: an image labelled `cidata`. JSON is YAML, so that no value can leave its field.
 * Source: https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html and its network configuration version 2.
 */
export function buildSeed(
  instance: string,
  { hostname, networks, sshKeys }: GuestCustomisation,
  nics: readonly NicSpec[],
): Buffer {
  const ethernets = Object.fromEntries(
    nics.map(({ mac }, i) => {
      const network = networks[i]
      const isV6 = network?.address.includes(':') ?? false
      const fixed = network && {
        addresses: [network.address],
        ...(network.gateway !== undefined && { routes: [{ to: isV6 ? '::/0' : '0.0.0.0/0', via: network.gateway }] }),
        ...(network.dns.length > 0 && { nameservers: { addresses: network.dns } }),
      }
      return [`nic${i}`, { match: { macaddress: mac }, ...(fixed ?? { dhcp4: true }) }]
    }),
  )
  const userData = { hostname, preserve_hostname: false, ...(sshKeys.length > 0 && { ssh_authorized_keys: sshKeys }) }
  return buildIso('cidata', [
    { name: 'meta-data', content: json({ 'instance-id': instance, 'local-hostname': hostname }) },
    { name: 'user-data', content: `#cloud-config\n${json(userData)}` },
    { name: 'network-config', content: json({ version: 2, ethernets }) },
  ])
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

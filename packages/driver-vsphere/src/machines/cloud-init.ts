import type { CloneSpec } from '@virtkit/spi'
import type { VimArguments } from '../client/xml/write-xml.ts'
import { option } from './machine-mark.ts'

/**
 * What cloud-init in the guest is told: host name, network and SSH keys, through the machine's configuration.
 *
 * Source: https://docs.cloud-init.io/en/latest/reference/datasources/vmware.html (`guestinfo.metadata`, `guestinfo.userdata`).
 */
export function cloudInit({ customisation, nics }: CloneSpec, key: string): readonly VimArguments[] {
  if (!customisation) return []
  const { hostname, networks, sshKeys } = customisation
  const ethernets = Object.fromEntries(
    networks.map((network, i) => [
      `nic${i}`,
      {
        match: { macaddress: nics[i]?.mac.toLowerCase() },
        ...(network === undefined
          ? { dhcp4: true }
          : {
              addresses: [network.address],
              ...(network.gateway === undefined ? {} : { routes: [{ to: 'default', via: network.gateway }] }),
              nameservers: { addresses: network.dns },
            }),
      },
    ]),
  )
  // JSON is YAML.
  const metadata = { 'instance-id': key, 'local-hostname': hostname, network: { version: 2, ethernets } }
  const userdata = `#cloud-config\n${JSON.stringify({ hostname, ssh_authorized_keys: sshKeys })}\n`
  return [
    option('guestinfo.metadata', base64(JSON.stringify(metadata))),
    option('guestinfo.metadata.encoding', 'base64'),
    option('guestinfo.userdata', base64(userdata)),
    option('guestinfo.userdata.encoding', 'base64'),
  ]
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

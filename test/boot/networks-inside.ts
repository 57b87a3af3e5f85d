import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestLibvirtd } from '@virtkit/test-libvirt'
import type { Place } from './blank-machine.ts'

/** A network of libvirt's own whose DHCP server sends machines that boot from it to `boot.ipxe` by TFTP at its gateway. */
export async function addPxeNetwork(libvirtd: TestLibvirtd): Promise<Place> {
  const file = join(dirname(libvirtd.socket), 'pxe.xml')
  const host = '10.9.0.1'
  writeFileSync(
    file,
    `<network><name>pxe</name><bridge name='pxe0'/><dns enable='no'/><ip address='${host}' netmask='255.255.255.0'><dhcp>
       <range start='10.9.0.100' end='10.9.0.120'/><bootp file='boot.ipxe' server='${host}'/></dhcp></ip></network>`,
  )
  await libvirtd.virsh('net-define', file)
  await libvirtd.virsh('net-start', 'pxe')
  return { url: libvirtd.url, network: 'pxe', cidr: '10.9.0.0/24', reservation: '10.9.0.77-10.9.0.90', gateway: host }
}

/** A network without IPv4, and without anybody who tells addresses. */
export async function addSixNetwork(libvirtd: TestLibvirtd): Promise<Place> {
  const host = 'fd00:9::1'
  await libvirtd.inside('ip', '-6', 'address', 'add', `${host}/64`, 'dev', 'lab0', 'nodad')
  const [cidr, reservation] = ['fd00:9::/64', 'fd00:9::77-fd00:9::90']
  return { url: libvirtd.url, network: 'lab-a', cidr, reservation, gateway: host }
}

import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestLibvirtd } from '@virtkit/test-libvirt'
import type { Place } from './blank-machine.ts'

const subnet = '10.9.0'

/** Where the boot server of the network below listens. */
export const pxeHost = `${subnet}.1`

/** A network of libvirt's own whose DHCP server sends machines that boot from it to `boot.ipxe` by TFTP at `pxeHost`. */
export async function addPxeNetwork(libvirtd: TestLibvirtd): Promise<Place> {
  const file = join(dirname(libvirtd.socket), 'pxe.xml')
  writeFileSync(
    file,
    `<network><name>pxe</name><bridge name='pxe0'/><dns enable='no'/><ip address='${pxeHost}' netmask='255.255.255.0'><dhcp>
       <range start='${subnet}.100' end='${subnet}.120'/><bootp file='boot.ipxe' server='${pxeHost}'/></dhcp></ip></network>`,
  )
  await libvirtd.virsh('net-define', file)
  await libvirtd.virsh('net-start', 'pxe')
  return { url: libvirtd.url, network: 'pxe', subnet, gateway: pxeHost }
}

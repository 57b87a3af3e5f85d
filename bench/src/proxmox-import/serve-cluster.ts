import { startProxmoxSimulator } from '@virtkit/proxmox-simulator'

// A cluster with so many machines, in a process of its own. It says where it is, and ends when its standard input does.
const machines = Array.from({ length: Number(process.argv[2]) }, (_, index) => {
  const mac = `BC:24:11:${[index >> 16, (index >> 8) & 255, index & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`
  return {
    vmid: 1000 + index,
    config: {
      name: `machine-${index}`,
      cores: '2',
      memory: '2048',
      ostype: 'l26',
      boot: 'order=scsi0;net0',
      scsi0: `local:${1000 + index}/vm-${1000 + index}-disk-0.qcow2,size=32G`,
      net0: `virtio=${mac.toUpperCase()},bridge=vmbr0`,
      description: `machine ${index} of somebody`,
    },
  }
})
const server = await startProxmoxSimulator({ tls: false, machines })
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
process.stdin.resume().once('end', () => void server.close().then(() => process.exit(0)))

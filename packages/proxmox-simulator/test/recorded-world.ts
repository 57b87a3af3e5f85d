import type { ProxmoxSimulatorOptions } from '../src/index.ts'

const content = ['images', 'snippets', 'rootdir', 'iso', 'vztmpl', 'import', 'backup']
const totalBytes = 270_553_174_016
const disk = { storage: 'local', content: 'images', used: 331_776 } as const
const iso = { storage: 'local', content: 'iso', format: 'iso', size: 67_108_864 } as const
const first = {
  name: 'first',
  memory: '256',
  cores: '1',
  scsi0: 'local:100/vm-100-disk-0.qcow2,size=2G',
  boot: 'order=scsi0',
}
const second = {
  name: 'walk-1',
  memory: '160',
  cores: '2',
  tags: 'vt;walk',
  boot: 'order=scsi0',
  scsi0: 'local:101/vm-101-disk-0.qcow2,size=2G',
  unused0: 'local:101/vm-101-disk-1.qcow2',
}

/** The servers that were recorded, as they were before the walk. */
export function recordedWorld(release: '8.4' | '9.2'): ProxmoxSimulatorOptions {
  return {
    release,
    nodes: [
      {
        node: 'pve1',
        cpus: 2,
        memoryBytes: 25_276_514_304,
        bridges: [
          { iface: 'vmbr0', cidr: '10.99.0.1/24', comment: 'main bridge' },
          { iface: 'vmbr1', up: false, vlanAware: true },
        ],
      },
    ],
    storages: [
      {
        storage: 'local',
        type: 'dir',
        path: '/var/lib/vz',
        content: release === '8.4' ? content : contentOf92,
        totalBytes,
      },
      { storage: 'fast', type: 'dir', path: '/srv/fast', content: ['images', 'iso'], totalBytes },
    ],
    ...(release === '8.4' && {
      volumes: [
        { ...disk, volid: 'local:100/vm-100-disk-0.qcow2', vmid: 100, format: 'qcow2', size: 2 ** 31 },
        { ...disk, volid: 'local:101/vm-101-disk-0.qcow2', vmid: 101, format: 'qcow2', size: 2 ** 31 },
        { ...disk, volid: 'local:101/vm-101-disk-1.qcow2', vmid: 101, format: 'qcow2', size: 2 ** 30 },
        { ...disk, volid: 'local:101/vm-101-state-ram.raw', vmid: 101, format: 'raw', size: 792_723_456 },
        ...['my_file__1___', 'up1', 'up3'].map((name) => ({ ...iso, volid: `local:iso/${name}.iso` })),
      ],
      machines: [
        { vmid: 100, config: first, running: true },
        { vmid: 101, config: second },
      ],
    }),
    // Destroyed just before the walk, so that the status daemon still tells of it.
    ...(release === '9.2' && { machines: [{ vmid: 100, config: second, running: true }] }),
    users: [{ userid: 'root@pam', tokens: [{ tokenid: 't1', secret: tokenSecret, privsep: false }] }],
  }
}

const contentOf92 = ['rootdir', 'images', 'iso', 'vztmpl', 'backup', 'snippets', 'import']

export const tokenSecret = '6c1f0f2e-5d7b-4f0a-9a41-0d2f6f6b1c11'

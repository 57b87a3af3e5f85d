import type { OsinfoFacts } from './sizes.ts'

// Made by `npm run osinfo` from Debian's osinfo-db 0.20221130-2. Do not edit.

export const osinfo: Readonly<Record<string, OsinfoFacts>> = {
  'debian-11': {
    osinfo: 'http://debian.org/debian/11',
    releasedAt: '2021-08-14',
    minimum: { cpus: 1, memoryMiB: 1024, diskMiB: 10240 },
    recommended: { cpus: 1, memoryMiB: 1024, diskMiB: 20480 },
    cloudImage: 'https://cdimage.debian.org/cdimage/cloud/bullseye/latest/debian-11-genericcloud-amd64.qcow2',
  },
  'ubuntu-20.04': {
    osinfo: 'http://ubuntu.com/ubuntu/20.04',
    releasedAt: '2020-04-23',
    minimum: { cpus: 1, memoryMiB: 2048, diskMiB: 5120 },
    recommended: { cpus: 1, memoryMiB: 4096, diskMiB: 25600 },
    cloudImage: 'https://cloud-images.ubuntu.com/focal/current/focal-server-cloudimg-amd64.img',
  },
  'ubuntu-22.04': {
    osinfo: 'http://ubuntu.com/ubuntu/22.04',
    releasedAt: '2022-04-21',
    minimum: { cpus: 1, memoryMiB: 2048, diskMiB: 10240 },
    recommended: { cpus: 1, memoryMiB: 4096, diskMiB: 25600 },
    cloudImage: 'https://cloud-images.ubuntu.com/jammy/current/jammy-server-cloudimg-amd64.img',
  },
  'rocky-9': {
    osinfo: 'http://rockylinux.org/rocky/9',
    releasedAt: '2022-07-14',
    endOfLife: '2032-05-31',
    minimum: { cpus: 1, memoryMiB: 1536, diskMiB: 10240 },
    recommended: { cpus: 1, memoryMiB: 1536, diskMiB: 20480 },
    cloudImage: 'https://download.rockylinux.org/pub/rocky/9/images/x86_64/Rocky-9-GenericCloud.latest.x86_64.qcow2',
  },
  'almalinux-9': {
    osinfo: 'http://almalinux.org/almalinux/9',
    releasedAt: '2022-05-26',
    minimum: { cpus: 1, memoryMiB: 1536, diskMiB: 10240 },
    recommended: { cpus: 1, memoryMiB: 1536, diskMiB: 20480 },
    cloudImage: 'https://repo.almalinux.org/almalinux/9/cloud/x86_64/images/AlmaLinux-9-GenericCloud-latest.x86_64.qcow2',
  },
  'centos-stream-9': {
    osinfo: 'http://centos.org/centos-stream/9',
    minimum: { cpus: 1, memoryMiB: 1536, diskMiB: 10240 },
    recommended: { cpus: 1, memoryMiB: 1536, diskMiB: 20480 },
  },
  'rhel-9': {
    osinfo: 'http://redhat.com/rhel/9-unknown',
    minimum: { cpus: 1, memoryMiB: 1536, diskMiB: 10240 },
    recommended: { cpus: 1, memoryMiB: 1536, diskMiB: 20480 },
  },
  'opensuse-tumbleweed': {
    osinfo: 'http://opensuse.org/opensuse/tumbleweed',
    minimum: { cpus: 1, memoryMiB: 1024, diskMiB: 4096 },
    recommended: { cpus: 1, memoryMiB: 2048, diskMiB: 20480 },
  },
  'windows-server-2016': {
    osinfo: 'http://microsoft.com/win/2k16',
    releasedAt: '2016-10-15',
    endOfLife: '2027-01-12',
    minimum: { cpus: 1, memoryMiB: 512, diskMiB: 32768 },
    recommended: { cpus: 1, memoryMiB: 2048, diskMiB: 40960 },
  },
  'windows-server-2019': {
    osinfo: 'http://microsoft.com/win/2k19',
    releasedAt: '2018-11-13',
    endOfLife: '2029-01-09',
    minimum: { cpus: 1, memoryMiB: 512, diskMiB: 32768 },
    recommended: { cpus: 1, memoryMiB: 2048, diskMiB: 40960 },
  },
  'windows-server-2022': {
    osinfo: 'http://microsoft.com/win/2k22',
    releasedAt: '2021-08-18',
    endOfLife: '2031-10-14',
    minimum: { cpus: 1, memoryMiB: 512, diskMiB: 32768 },
    recommended: { cpus: 1, memoryMiB: 2048, diskMiB: 40960 },
  },
}

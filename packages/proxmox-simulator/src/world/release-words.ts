import type { Release } from './world.ts'

/** What task logs say differently from one release to the next, as it was recorded. */
export interface ReleaseWords {
  /** An agent that does not answer before a shutdown. */
  readonly agentSilent: (vmid: number) => string
  /** The same before a snapshot. */
  readonly snapshotWithoutAgent: (vmid: number) => string
  /** After the disks of a running machine. */
  readonly runningSnapshot: readonly string[]
  readonly cloneBegins: (vmid: number, newid: number) => readonly string[]
  readonly cloneAllocated: (volid: string) => readonly string[]
  /** Why a machine does not start on a bridge that is not there: the log before the error, and the error. */
  readonly noBridge: (
    vmid: number,
    key: string,
    bridge: string,
  ) => { readonly log: readonly string[]; readonly error: string }
}

const silent = (vmid: number, protocol: string): string =>
  `QEMU Guest Agent is not running - VM ${vmid} ${protocol} command 'guest-ping' failed - got timeout`
const script = '/usr/libexec/qemu-server/pve-bridge'

export const releaseWords: Readonly<Record<Release, ReleaseWords>> = {
  '8.4': {
    agentSilent: (vmid) => silent(vmid, 'qmp'),
    snapshotWithoutAgent: (vmid) => silent(vmid, 'qmp'),
    runningSnapshot: [],
    cloneBegins: () => [],
    cloneAllocated: () => [],
    noBridge: (vmid, key, bridge) => ({
      log: [
        `bridge '${bridge}' does not exist`,
        `kvm: -netdev type=tap,id=${key},ifname=tap${vmid}i${key.slice(3)},script=${script},downscript=${script}down: network script ${script} failed with status 512`,
      ],
      error: 'start failed: QEMU exited with code 1',
    }),
  },
  '9.2': {
    agentSilent: (vmid) => silent(vmid, 'qga'),
    snapshotWithoutAgent: () => 'skipping guest filesystem freeze - agent configured but not running?',
    runningSnapshot: ['internal qemu snapshot'],
    cloneBegins: (vmid, newid) => [`creating a clone of VM ${vmid} with ID ${newid}`],
    cloneAllocated: (volid) => [`allocated target volume '${volid}'`],
    noBridge: (_, __, bridge) => ({ log: [], error: `bridge '${bridge}' does not exist` }),
  },
}

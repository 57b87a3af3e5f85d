import { dirname, join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { type TestLibvirtd, startLibvirtd } from '@virtkit/test-libvirt'
import type { DriverTarget, FaultableMethod } from '@virtkit/spi/conformance'
import { procedures } from '../src/client/procedures.ts'
import { libvirt } from '../src/index.ts'
import { guestContent } from './guest-content.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

/** A real libvirtd, with a place in front of it where answers get lost. */
export interface LibvirtLab extends AsyncDisposable {
  readonly libvirtd: TestLibvirtd
  readonly proxy: FaultProxy
  /** Options of a cluster, through the proxy. */
  readonly options: { readonly url: string; readonly accel: 'tcg' }
  readonly target: DriverTarget
}

/** The last call by which each of our methods changes something. */
const lastCall: Readonly<Record<FaultableMethod, number>> = {
  'machines.create': procedures.domainSetMetadata,
  'machines.reconfigure': procedures.domainDefine,
  'machines.destroy': procedures.domainUndefine,
  'power.on': procedures.domainStart,
  'snapshots.create': procedures.snapshotCreate,
  'templates.clone': procedures.domainSetMetadata,
}

export async function openLab(): Promise<LibvirtLab> {
  const libvirtd = await startLibvirtd()
  const proxy = await startFaultProxy(libvirtd.socket, join(dirname(libvirtd.socket), 'proxy-sock'))
  const options = { url: `qemu:///system?socket=${proxy.socket}`, accel: 'tcg' } as const
  const target: DriverTarget = {
    driver: libvirt,
    options,
    unreachable: { url: `qemu:///system?socket=${join(dirname(libvirtd.socket), 'nobody')}` },
    place: { placement: { datastore: 'disks' }, networks: ['lab-a', 'lab-b'] },
    openHandles: async () => {
      // The other end of a connection hears of its end a little later.
      await new Promise((resolve) => setTimeout(resolve, 20))
      return proxy.open()
    },
    loseNextAnswer: (method) => proxy.loseNextAnswer(lastCall[method]),
    hangNextCall: (method) => ({ hanging: proxy.hangNextCall(lastCall[method]) }),
    readMedium: (ref) => {
      const [pool = '', file = ''] = ref.split('/')
      return readFile(libvirtd.outside(`/var/lib/libvirt/${pool}/${file}`))
    },
    ...guestContent(libvirtd),
  }
  return {
    libvirtd,
    proxy,
    options,
    target,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      await libvirtd[Symbol.asyncDispose]()
    },
  }
}

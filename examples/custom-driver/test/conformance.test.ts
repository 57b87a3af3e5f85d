import { Secret } from '@virtkit/spi'
import { type DriverTarget, type FaultableMethod, describeDriver } from '@virtkit/spi/conformance'
import { describe, it } from 'vitest'
import { AcmeCloud } from '../cloud/acme-cloud.ts'
import { acmeDriver } from '../src/index.ts'

const token = 'acme-token-1234'
const cloud = new AcmeCloud(token)
const operations: Record<FaultableMethod, string> = {
  'machines.create': 'create',
  'machines.reconfigure': 'patch',
  'machines.destroy': 'remove',
  'power.on': 'power',
  'snapshots.create': 'checkpoint',
  'templates.clone': 'never',
}

const target: DriverTarget = {
  driver: acmeDriver((url) => (url === 'acme://lab' ? cloud : undefined)),
  options: { url: 'acme://lab', password: new Secret(token) },
  // All below is optional: each hook lets more cases run.
  badCredentials: { url: 'acme://lab', password: new Secret('wrong') },
  unreachable: { url: 'acme://nowhere', password: new Secret(token) },
  secrets: [token],
  manyMachines: 1001,
  openHandles: () => cloud.sessions,
  loseNextAnswer: (method) => void cloud.breakNext(operations[method], 'lose the answer'),
  hangNextCall: (method) => ({ hanging: cloud.breakNext(operations[method], 'never answer') }),
  moveToAnotherHost: async (ref) => {
    const instance = cloud.instances.get(ref)
    if (instance) instance.node = 'node-2'
  },
  disk: {
    async write(ref, text) {
      const volume = cloud.instances.get(ref)?.volumes[0]
      if (volume) volume.content = text
    },
    read: async (ref) => cloud.instances.get(ref)?.volumes[0]?.content,
  },
}

describeDriver({ describe, it }, target)

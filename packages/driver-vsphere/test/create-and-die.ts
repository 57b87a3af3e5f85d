import type { Vcsim } from '@virtkit/test-vcsim'
import { call, openVmware, spec } from './open-vmware.ts'

// Started by a test that kills it while the server makes the machine.
const vcsim = JSON.parse(process.env['VCSIM'] ?? '{}') as Vcsim
const hypervisor = await openVmware(vcsim)
await hypervisor.machines.create(spec('survivor'), { ...call(), key: 'test:survivor' })

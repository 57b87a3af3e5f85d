import { once } from 'node:events'
import { lazyHypervisor, openClientKit } from '../client-kit.ts'
import { registerDeployments } from '../deploy-operation.ts'
import type { FencingOrder, FencingWord } from './fencing-schedule.ts'

// A process with one worker. The one that is to be overtaken stands still in the middle of its step until it is told to go on.

process.on('disconnect', () => process.exit(1))
const say = (word: FencingWord): void => void process.send!(word)
const [order] = (await once(process, 'message')) as [FencingOrder]
if (!('open' in order)) throw new Error('a worker is told first what to open')
const { open, stands } = order

let toGoOn: (() => void) | undefined
process.on('message', (next: FencingOrder) => {
  if ('goOn' in next) toGoOn?.()
  else if ('close' in next) void close()
})

let standsStill = stands
const kit = await openClientKit({ ...open, random: Math.random })
const hypervisor = lazyHypervisor(open.simulator)
registerDeployments(kit, hypervisor, async () => {
  if (!standsStill) return
  standsStill = false
  const told = new Promise<void>((resolve) => (toGoOn = resolve))
  say({ said: 'in the middle' })
  await told
})
say({ said: 'open' })

async function close(): Promise<void> {
  await kit.close()
  await (await hypervisor())[Symbol.asyncDispose]()
  process.exit(0)
}

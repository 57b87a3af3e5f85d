import type { InstallInput, MachineInput } from '@virtkit/core'
import { findBootPeers } from '../find-boot-peers.ts'
import { type Place, openKit, putOnPaper } from './blank-machine.ts'
import { bootServer } from './boot-server.ts'
import { WatchedMedia } from './watched-media.ts'

// A host with a kit in the network of its guests, as their gateway: installs a blank machine and says what came of it.
export interface InsideInput {
  readonly place: Place
  readonly firmware: MachineInput['firmware'] & string
  readonly boot: InstallInput['boot'] & string
}

export interface InsideOutput extends Pick<WatchedMedia, 'asked' | 'cards' | 'reports'> {
  readonly phases: readonly string[]
  readonly mac: string | undefined
  readonly ip: string | undefined
}

const peers = findBootPeers()
if ('missing' in peers) throw new Error(peers.missing)
const { place, firmware, boot } = JSON.parse(process.argv[2] ?? '') as InsideInput
const listen = { host: place.gateway, port: 8080 }
const media = new WatchedMedia(await bootServer(peers, { listen, ...(boot === 'network' && { tftp: { port: 69 } }) }))
await using kit = await openKit(media)
const { key } = await putOnPaper(kit, place, firmware)
const { runId } = await kit.installs.start(key, { boot })
const installed = await kit.installs
  .whenReady(runId, { signal: AbortSignal.timeout(240_000) })
  .catch(async (error: unknown) => {
    const { consoleTail = [] } = await kit.installs.get(runId)
    console.error(consoleTail.join('\n'), JSON.stringify(media.reports))
    throw error
  })
const { networks } = await kit.machines.get(key)
const removed = await kit.operations.wait((await kit.machines.remove(key)).id)
if (removed.error) throw removed.error
const { asked, cards, reports } = media
const phases = installed.phases.map(({ phase }) => phase)
const said: InsideOutput = { asked, cards, reports, phases, mac: networks[0]?.mac, ip: networks[0]?.ip }
console.log(JSON.stringify(said))

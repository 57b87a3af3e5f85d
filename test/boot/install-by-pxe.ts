import { findBootPeers } from '../find-boot-peers.ts'
import { type Place, openKit, putOnPaper } from './blank-machine.ts'
import { bootServer } from './boot-server.ts'
import { pxeHost } from './pxe-network.ts'
import { WatchedMedia } from './watched-media.ts'

// A host with a kit in the network of its guests: installs a blank machine that boots from the network, and says what came of it.
export interface InstalledByPxe extends Pick<WatchedMedia, 'asked' | 'cards' | 'reports'> {
  readonly phases: readonly string[]
  readonly mac: string | undefined
}

const peers = findBootPeers()
if ('missing' in peers) throw new Error(peers.missing)
const place = JSON.parse(process.argv[2] ?? '') as Place
const listen = { host: pxeHost, port: 8080 }
const media = new WatchedMedia(await bootServer(peers, { listen, tftp: { port: 69 } }))
await using kit = await openKit(media)
const { key } = await putOnPaper(kit, place, 'bios')
const { runId } = await kit.installs.start(key, { boot: 'network' })
const installed = await kit.installs.whenReady(runId, { signal: AbortSignal.timeout(240_000) })
const { networks } = await kit.machines.get(key)
const removed = await kit.operations.wait((await kit.machines.remove(key)).id)
if (removed.error) throw removed.error
const { asked, cards, reports } = media
const said: InstalledByPxe = {
  asked,
  cards,
  reports,
  phases: installed.phases.map(({ phase }) => phase),
  mac: networks[0]?.mac,
}
console.log(JSON.stringify(said))

import { connect } from './bare-connection.ts'
import type { DatabaseLocation } from './bench-database.ts'
import { type Burst, clientWork, runBurst } from './client-work.ts'
import { openKit } from './open-kit.ts'

// A process with clients in it: its own kit and pool on the database that it is told of. Works in bursts, each on a message of
// its parent, and ends with its parent.

const [location, poolSize] = JSON.parse(process.argv[2]!) as [DatabaseLocation, number]
await using bare = connect(location, poolSize)
await using kit = await openKit(bare)
const works = clientWork(kit)

const ended = new Promise((resolve) => process.once('disconnect', resolve))
process.on('message', (burst: Burst) => {
  runBurst(works[burst.work], burst).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  )
})
process.send?.({ ready: true })
await ended

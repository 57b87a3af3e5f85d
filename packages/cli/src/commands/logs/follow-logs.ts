import { setTimeout as sleep } from 'node:timers/promises'
import type { InputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import type { Session } from '../../connection/session.ts'
import type { LogLine } from './show-logs.ts'

const msPerNs = 1e6
const again = [500, 1000, 2000, 5000] as const

/**
 * Goes on where `shown` ended, until the command is interrupted. Promises: no line is told twice, and none is left out; a stream that
 * breaks off or comes to its end is opened again. Throws what the first one cannot be opened for.
 */
export async function followLogs(
  { client, host, say }: Session,
  filter: Omit<InputOf<Contract['logs']['follow']>, 'starttime'>,
  shown: readonly LogLine[],
  tell: (line: LogLine) => void,
): Promise<void> {
  const signal = host.interrupted
  // Lines are known by their millisecond: what was told of the last one comes again, and is told apart by its text.
  let at = shown.at(-1)?.timestamp ?? Date.now() * msPerNs
  let told = new Set(shown.filter(({ timestamp }) => timestamp === at).map((line) => JSON.stringify(line)))
  let failures = 0
  for (;;) {
    try {
      const response = await client.logs.follow({ ...filter, starttime: at }, { signal })
      failures = 0
      for await (const line of linesOf(response)) {
        const text = JSON.stringify(line)
        if (line.timestamp === at && told.has(text)) continue
        // What another process logged a little earlier may come a little later: that moves nothing back.
        if (line.timestamp > at) told = new Set()
        at = Math.max(at, line.timestamp)
        told.add(text)
        tell(line)
      }
    } catch (error) {
      if (signal.aborted) return
      // A server that is started again is back in a moment; what it refuses it would refuse again.
      if (failures === again.length || !(error instanceof TypeError)) throw error
      say(`the stream broke off; it is opened again`)
    }
    await sleep(again[failures] ?? 5000, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    failures += 1
  }
}

/** The data of server-sent events, as far as the logs need them (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
async function* linesOf(response: Response): AsyncGenerator<LogLine> {
  let rest = ''
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = `${rest}${text}`.split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      const data = block.split('\n').find((each) => each.startsWith('data: '))
      if (data !== undefined) yield JSON.parse(data.slice('data: '.length)) as LogLine
    }
  }
}

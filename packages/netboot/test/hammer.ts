import { TftpClient, readRequest } from './tftp-client.ts'

/**
 * Sends what no client should, from many ports, to the server's and to those of transfers under way: packets of random bytes and
 * lengths, cut and changed requests, acknowledgements of strangers, and the same acknowledgement again and again. Repeats by seed.
 */
export async function hammer(what: {
  readonly port: number
  readonly file: string
  readonly packets: number
  readonly seed: number
}): Promise<{ readonly sent: number }> {
  const random = numbers(what.seed)
  let sent = 0
  while (sent < what.packets) {
    using honest = await TftpClient.open()
    using stranger = await TftpClient.open()
    honest.ask(what.file, random(2) === 0 ? { blksize: 8, windowsize: 4 } : {}, what.port)
    const first = await honest.next(300)
    if (first?.[1] === 6) honest.ack(0)
    for (let times = 0; times < 200; times += 1) {
      const to = first && random(2) === 0 ? honest.from : what.port
      const who = random(2) === 0 ? honest : stranger
      const kind = random(5)
      if (kind === 0) who.send(bytes(random), to)
      else if (kind === 1) who.send(spoiled(random, what.file), to)
      else if (kind === 2) who.send(Buffer.from([0, random(8), random(256), random(4)]), to)
      else if (kind === 3) stranger.send(Buffer.from([0, 5, 0, 0, 0]), to)
      else for (let again = 0; again < 5; again += 1, sent += 1) honest.send(Buffer.from([0, 4, 0, 1]), to)
      sent += 1
    }
    // Ends its own transfer, so that the next ones find room.
    honest.send(Buffer.from('\0\x05\0\0enough\0', 'latin1'), honest.from || what.port)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return { sent }
}

type Random = (below: number) => number

function bytes(random: Random): Buffer {
  return Buffer.from(Array.from({ length: random(40) }, () => random(256)))
}

function spoiled(random: Random, file: string): Buffer {
  const request = readRequest(random(2) === 0 ? file : '\u00ff'.repeat(random(600)), { blksize: '-1', windowsize: '1e9' })
  request[random(request.length)] = random(256)
  return request.subarray(0, random(request.length + 1))
}

/** xorshift32: the same numbers for the same seed. */
function numbers(seed: number): Random {
  let state = seed | 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
